/** A process of tests that keeps a blank of each kind, has nothing else to do once both are there, and tells their numbers. */
import { createSystemControl } from "../../supervise/system-control.ts";
import { waitUntil } from "../wait-until.ts";
import { listeningIn, workerThreads } from "./running-blanks.ts";

const [folder = ""] = process.argv.slice(2);
createSystemControl({ folder, output: "ignore", blanks: { process: 1, thread: 1 } });
await waitUntil(() => listeningIn(folder).length === 1 && workerThreads().length === 1);
process.send?.(listeningIn(folder)[0]);
process.disconnect?.();
