import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { createFileRegistry, type DescService, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { OrreryError } from "@orrery/core";
import type { AppPart } from "../apps/app-file.ts";
import { PROTO_COMPILE_MS, PROTO_FILES_MAX } from "./limits.ts";

/** Where a foreign component is of, and goes to. */
export interface ForeignFileOptions {
  /** Folder of the app. */
  readonly folder: string;
  /** Folder into which its script is written, made where it is missing. */
  readonly into: string;
}

/**
 * Compiles the contract of a foreign component and writes a script that exports a component for it, as every process loads components from files.
 * The same component is the same file. Gives its path, and the whole name of its service.
 * @throws OrreryError `failed_precondition` for a contract that is wrong, with file, line and column, or has no such service
 */
export async function writeForeignFile(
  part: AppPart,
  { folder, into }: ForeignFileOptions,
): Promise<{ readonly path: string; readonly name: string }> {
  const { foreign, path, name: said } = part;
  if (foreign === undefined) throw new TypeError(`"${said}" is no foreign component`);
  const set = await compile(join(folder, path), folder);
  const service = serviceIn(set, { said, path });
  const unknown = Object.keys(foreign.methods).find(
    (one) => !service.methods.some(({ name, localName }) => name === one || localName === one),
  );
  if (unknown !== undefined) {
    const there = service.methods.map(({ name }) => name).join(", ");
    throw refused(said, `${path} has no method "${unknown}" of ${service.typeName}, it has ${there}`);
  }
  const options = { ...foreign, name: service.typeName, folder, descriptors: Buffer.from(set).toString("base64") };
  const from = JSON.stringify(import.meta.resolve("@orrery/platform/foreign"));
  const text = `import { foreignComponent } from ${from};\n\nexport default foreignComponent(${JSON.stringify(options)});\n`;
  mkdirSync(into, { recursive: true, mode: 0o755 });
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const file = join(into, `${said.replace(/[^A-Za-z0-9.-]/g, "_")}-${hash}.mjs`);
  if (!existsSync(file)) {
    writeFileSync(`${file}.${process.pid}`, text, { mode: 0o644 });
    renameSync(`${file}.${process.pid}`, file); // Another run may read it.
  }
  return { path: file, name: service.typeName };
}

function serviceIn(set: Uint8Array, { said, path }: { readonly said: string; readonly path: string }): DescService {
  const all = [...createFileRegistry(fromBinary(FileDescriptorSetSchema, set))].filter((one) => one.kind === "service");
  const found = all.filter(({ typeName, name }) => typeName === said || name === said);
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  const there = all.map(({ typeName }) => typeName).join(", ");
  throw refused(
    said,
    `${path} has ${second === undefined ? "no" : "more than one"} such service, it has ${there || "none"}`,
  );
}

/** Compiles a file with all that it imports from the app's folder, by buf. */
async function compile(file: string, folder: string): Promise<Uint8Array> {
  const workspace = mkdtempSync(join(tmpdir(), "orrery-foreign-"));
  try {
    const files = protoFiles(folder);
    if (files.length > PROTO_FILES_MAX)
      throw refused(relative(folder, file), `its folder has more than ${PROTO_FILES_MAX} files of protobuf`);
    for (const one of files) cpSync(join(folder, one), join(workspace, "app", one));
    writeFileSync(join(workspace, "buf.yaml"), JSON.stringify({ version: "v2", modules: [{ path: "app" }] }));
    const buf = join(dirname(createRequire(import.meta.url).resolve("@bufbuild/buf/package.json")), "bin", "buf");
    const args = [buf, "build", "--path", join("app", relative(folder, file)), "-o", "-"];
    const env = { PATH: process.env["PATH"], HOME: workspace, XDG_CACHE_HOME: workspace };
    return await new Promise((resolve, reject) => {
      const options = { cwd: workspace, env, timeout: PROTO_COMPILE_MS, encoding: "buffer" as const };
      execFile(process.execPath, args, options, (error, stdout, stderr) => {
        if (error === null) return resolve(new Uint8Array(stdout));
        const said = stderr.toString().trim().split("\n").slice(0, 20).map(reworded).join("\n  ");
        reject(refused(relative(folder, file), said === "" ? error.message : said));
      });
    });
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** `app/a.proto:3:1:text` is told as `a.proto:3:1: text`. */
function reworded(line: string): string {
  return line.replace(/^app\/(.*?\.proto:\d+:\d+):/, "$1: ");
}

function protoFiles(folder: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all.filter((name) => name.endsWith(".proto") && !name.split(sep).includes("node_modules"));
}

function refused(what: string, why: string): OrreryError {
  return new OrreryError("failed_precondition", `Cannot read the contract of "${what}": ${why}`);
}
