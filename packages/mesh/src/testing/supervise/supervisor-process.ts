/** A supervisor of tests in a process of its own: keeps two children up, says what happens, and waits to be killed. */

import { join } from "node:path";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { createStateFile } from "../../supervise/state-file.ts";
import { createSupervisor } from "../../supervise/supervisor.ts";
import { createSystemControl } from "../../supervise/system-control.ts";
import { lockFolder } from "../../supervise/system-lock.ts";
import { REAL_RULES, realProgram } from "./real-machine.ts";

const [folder = ""] = process.argv.slice(2);
const lock = await lockFolder(folder);
const supervisor = await createSupervisor({
  control: createSystemControl({ folder: join(folder, "s"), output: "ignore" }),
  store: createStateFile(join(folder, "state.json")),
  clock: createSystemClock(),
  random: createSystemRandom(),
  onEvent: (event) => process.send?.(event),
});
const children = ["a", "b"].map((name) => ({ name, program: realProgram("serve", folder) }));
supervisor.apply({ groups: [{ name: "g", children, rules: REAL_RULES }] });
process.on("SIGTERM", () => {
  supervisor.stop().then(
    () => {
      lock[Symbol.dispose]();
      process.exit(0);
    },
    () => process.exit(1),
  );
});
