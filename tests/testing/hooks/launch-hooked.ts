/** Launches the component beside it in this process or in its own, does to it what the parent says, and tells when that is done. */
import { fileURLToPath } from "node:url";
import { launchHere, launchProcesses } from "@orrery/mesh";
import { Hooked } from "./hooked.ts";

const cwd = fileURLToPath(new URL(".", import.meta.url));
const launch = process.argv[2] === "launchHere" ? launchHere : launchProcesses;
const app = await launch({ paths: ["hooked.ts"], cwd, listen: "tcp://127.0.0.1:0" });
const client = app.node.client(Hooked);

process.on("message", (order) => {
  if (order === "drain") void app.stop().then(() => process.disconnect?.());
  if (order === "cut") void app.stop({ timeoutMs: 50 }).then(() => process.disconnect?.());
  if (order === "hang" || order === "crash") client.act(order).catch(() => undefined);
});
process.send?.("up");
