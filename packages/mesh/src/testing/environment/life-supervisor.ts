/** A supervisor of tests in a process of its own, that keeps one child up whose folder has a manifest, and waits to be killed. */
import { join } from "node:path";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { createStateFile } from "../../supervise/state-file.ts";
import { createSupervisor } from "../../supervise/supervisor.ts";
import { createSystemControl } from "../../supervise/system-control.ts";
import { lockFolder } from "../../supervise/system-lock.ts";
import { REAL_RULES, realProgram } from "../supervise/real-machine.ts";

const [folder = "", environment = ""] = process.argv.slice(2);
const lock = await lockFolder(folder);
const supervisor = await createSupervisor({
  control: createSystemControl({ folder: join(folder, "s"), output: "ignore" }),
  store: createStateFile(join(folder, "state.json")),
  clock: createSystemClock(),
  random: createSystemRandom(),
  onEvent: (event) => process.send?.(event),
});
const program = { ...(realProgram("serve", folder) as object), environment };
supervisor.apply({ groups: [{ name: "g", children: [{ name: "a", program }], rules: REAL_RULES }] });
process.on("SIGTERM", () => {
  supervisor.stop().then(
    () => {
      lock[Symbol.dispose]();
      process.exit(0);
    },
    () => process.exit(1),
  );
});
