/** The program of a worker thread that serves one instance of a component; started by `startThread`, never by hand. */
import { serveThread } from "./elastic/system-thread-child.ts";

await serveThread();
