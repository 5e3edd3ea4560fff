/** A supervisor of tests in a process of its own, of one child whose folder has a manifest. */
import { keepUntilKilled } from "../supervise/keep-until-killed.ts";
import { realProgram } from "../supervise/real-machine.ts";

const [folder = "", environment = ""] = process.argv.slice(2);
const program = { ...(realProgram("serve", folder) as object), environment };
await keepUntilKilled(folder, [{ name: "a", program }]);
