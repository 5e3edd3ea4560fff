/** The program of a process that serves one instance of a component; started by `launchProcesses`, never by hand. */
import { serveComponent } from "./component-process.ts";
import { createParentChannel } from "./system-process.ts";

serveComponent(createParentChannel());
