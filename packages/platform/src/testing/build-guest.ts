import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "assemblyscript/asc";
import { build } from "esbuild";

/** Folder of `@orrery/guest`. */
export const GUEST = join(import.meta.dirname, "../../../guest");

const RUSTC = "/usr/bin/rustc";

/** Why nothing can be compiled from Rust here, or false: the test that needs it is left out then. */
export const noRust: string | false = rustTarget()
  ? false
  : "Debian's rustc and libstd-rust-dev-wasm32 are not installed";

function rustTarget(): boolean {
  if (!existsSync(RUSTC)) return false;
  const root = execFileSync(RUSTC, ["--print", "sysroot"], { encoding: "utf8" }).trim();
  return existsSync(join(root, "lib/rustlib/wasm32-unknown-unknown"));
}

/** Bundles a mechtron in TypeScript as its author does. */
export async function buildScript(file: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    format: "esm",
    write: false,
    conditions: ["source"],
    logLevel: "silent",
  });
  return outputFiles[0]?.contents ?? new Uint8Array(0);
}

/** Compiles a mechtron in AssemblyScript as its author does. */
export async function buildAssembly(file: string): Promise<Uint8Array> {
  return inFolder(async (folder) => {
    const out = join(folder, "guest.wasm");
    const { error, stderr } = await main([file, "--outFile", out, "--optimize", "--use", "abort=", "--baseDir", "/"]);
    if (error !== null) throw new Error(`Cannot compile "${file}": ${stderr.toString()}`);
    return readFileSync(out);
  });
}

/** Compiles a mechtron in Rust as its author does, without cargo. */
export async function buildRust(file: string): Promise<Uint8Array> {
  return inFolder(async (folder) => {
    const target = [
      "--target",
      "wasm32-unknown-unknown",
      "--edition",
      "2021",
      "-C",
      "opt-level=s",
      "--out-dir",
      folder,
    ];
    const library = join(GUEST, "rust/src/lib.rs");
    execFileSync(RUSTC, ["--crate-type", "rlib", "--crate-name", "orrery_guest", ...target, library], {
      stdio: "pipe",
    });
    const extern = ["--extern", `orrery_guest=${join(folder, "liborrery_guest.rlib")}`, "-C", "strip=symbols"];
    execFileSync(RUSTC, ["--crate-type", "cdylib", "--crate-name", "guest", ...target, ...extern, file], {
      stdio: "pipe",
    });
    return readFileSync(join(folder, "guest.wasm"));
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-guest-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
