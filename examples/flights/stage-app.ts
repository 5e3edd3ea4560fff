import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPage } from "./page-files.ts";

/** What an app is sent with, from here. */
const OWN = ["orrery.yaml", "package.json", "components", "gen", "lib"];

/** Files of `vega-datasets` that components read; the package has forty times as much. */
const DATA = ["airports.csv", "flights-airport.csv", "flights-20k.json"];

/** Puts what runs on a platform into an empty folder: the code, the page as browsers load it, and the data that `lib/data.ts` finds. */
export async function stageApp(folder: string): Promise<void> {
  for (const name of OWN)
    cpSync(join(import.meta.dirname, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.endsWith(".test.ts"),
    });
  for (const [path, { body }] of await buildPage()) {
    const file = join(folder, "html", path === "/" ? "index.html" : path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, body);
  }
  const entry = fileURLToPath(import.meta.resolve("vega-datasets"));
  const [from, to] = [dirname(dirname(entry)), join(folder, "node_modules/vega-datasets")];
  const needed = ["package.json", join("build", basename(entry)), ...DATA.map((name) => join("data", name))];
  for (const name of needed) cpSync(join(from, name), join(to, name), { recursive: true });
  const protobuf = fileURLToPath(new URL("../..", import.meta.resolve("@bufbuild/protobuf")));
  cpSync(protobuf, join(folder, "node_modules/@bufbuild/protobuf"), {
    recursive: true,
    filter: (path) => !path.includes("/dist/cjs"),
  });
  writeFileSync(join(folder, ".orreryignore"), "!node_modules\n");
}
