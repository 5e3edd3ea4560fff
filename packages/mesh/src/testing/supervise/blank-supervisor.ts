/** A supervisor of tests in a process of its own, of one child that serves a component, with a blank. */
import { fileURLToPath } from "node:url";
import { componentProgram } from "../../supervise/system-door.ts";
import { keepUntilKilled } from "./keep-until-killed.ts";

const [folder = ""] = process.argv.slice(2);
const paths = [fileURLToPath(new URL("./mirror-app.ts", import.meta.url))];
const program = componentProgram({ paths, cwd: folder, component: "mirror", node: "mirror-0" });
await keepUntilKilled(folder, [{ name: "a", program }], { process: 1 });
