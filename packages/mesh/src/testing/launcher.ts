/** Launches processes, tells its parent their ids, and waits to be killed. */
import { launchProcesses } from "../launch-processes.ts";
import { APPS } from "./apps.ts";

const app = await launchProcesses({ paths: ["both.ts"], cwd: APPS, listen: "tcp://127.0.0.1:0" });
process.send?.(app.components().flatMap(({ instances }) => instances.map(({ pid }) => pid)));
