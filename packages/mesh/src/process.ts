/** The program of a process that serves one instance of a component; started by `launchProcesses`, never by hand. */
import { enableCompileCache } from "node:module";

// Before all else: what is loaded earlier is compiled anew at every start.
enableCompileCache();
const [{ serveComponent }, { createParentChannel }] = await Promise.all([
  import("./component-process.ts"),
  import("./system-process.ts"),
]);
serveComponent(createParentChannel());
