import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { EngineModule } from "./script-engine.ts";

let engine: Promise<EngineModule> | undefined;

/** The engine of scripts, compiled once in this process. */
export function loadEngineModule(): Promise<EngineModule> {
  engine ??= compile();
  return engine;
}

async function compile(): Promise<EngineModule> {
  const file = import.meta.resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm");
  return WebAssembly.compile(await readFile(fileURLToPath(file)));
}
