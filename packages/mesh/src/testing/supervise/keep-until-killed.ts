import { join } from "node:path";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import type { Blanks } from "../../supervise/blanks.ts";
import type { ChildSpec } from "../../supervise/spec.ts";
import { createStateFile } from "../../supervise/state-file.ts";
import { createSupervisor } from "../../supervise/supervisor.ts";
import { createSystemControl } from "../../supervise/system-control.ts";
import { lockFolder } from "../../supervise/system-lock.ts";
import { REAL_RULES } from "./real-machine.ts";

/** Is a supervisor of tests in a process of its own: keeps children up, tells its parent what happens, and waits to be killed. */
export async function keepUntilKilled(
  folder: string,
  children: readonly ChildSpec[],
  blanks: Blanks = {},
): Promise<void> {
  const lock = await lockFolder(folder);
  const supervisor = await createSupervisor({
    control: createSystemControl({ folder: join(folder, "s"), output: "ignore", blanks }),
    store: createStateFile(join(folder, "state.json")),
    clock: createSystemClock(),
    random: createSystemRandom(),
    onEvent: (event) => process.send?.(event),
  });
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
}
