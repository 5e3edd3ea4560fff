import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "assemblyscript/asc";
import { build } from "esbuild";

const GUEST = fileURLToPath(new URL("../../../guest", import.meta.url));

/** Writes the script of a mechtron, built from TypeScript as its author does. */
export async function buildScript(file: string, text: string): Promise<void> {
  await build({
    stdin: { contents: text, loader: "ts", resolveDir: GUEST },
    outfile: file,
    bundle: true,
    format: "esm",
    conditions: ["source"],
    alias: { "@orrery/guest": join(GUEST, "src/index.ts") },
    logLevel: "silent",
  });
}

/** Writes the module of a mechtron, built from AssemblyScript as its author does. */
export async function buildModule(file: string, text: string): Promise<void> {
  const source = `${file}.as.ts`;
  const library = relative(dirname(file), join(GUEST, "assembly"));
  writeFileSync(source, text.replaceAll("@orrery/guest/assembly", library));
  const { error, stderr } = await main([source, "--outFile", file, "--optimize", "--use", "abort=", "--baseDir", "/"]);
  if (error !== null) throw new Error(`Cannot compile "${file}": ${stderr.toString()}`);
  if (readFileSync(file).length === 0) throw new Error(`Cannot compile "${file}": nothing came of it`);
}
