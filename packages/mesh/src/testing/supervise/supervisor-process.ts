/** A supervisor of tests in a process of its own, of two children. */
import { keepUntilKilled } from "./keep-until-killed.ts";
import { realProgram } from "./real-machine.ts";

const [folder = ""] = process.argv.slice(2);
await keepUntilKilled(
  folder,
  ["a", "b"].map((name) => ({ name, program: realProgram("serve", folder) })),
);
