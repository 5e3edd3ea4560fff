import type { QuickJSSyncVariant, QuickJSWASMModule } from "quickjs-emscripten-core";
import { ENGINE_BYTES, PAGE_BYTES } from "./limits.ts";

/** The compiled engine, that of this thread or another; threads may hand it to one another. */
export type EngineModule = WebAssembly.Module;

/** Loads what makes engines; a thread that stands ready does so beforehand. */
export async function loadScriptEngine() {
  const { newQuickJSWASMModuleFromVariant, newVariant } = await import("quickjs-emscripten-core");
  const { default: release } = await import("@jitl/quickjs-ng-wasmfile-release-sync");
  return { newQuickJSWASMModuleFromVariant, newVariant, release: release as unknown as QuickJSSyncVariant };
}

/**
 * Makes an engine of scripts in a memory of its own, which never grows beyond what a script may use and what the engine needs beside it.
 * The code of the engine is compiled once in a process.
 */
export async function createScriptEngine(module: EngineModule, memoryBytes: number): Promise<QuickJSWASMModule> {
  const { newQuickJSWASMModuleFromVariant, newVariant, release } = await loadScriptEngine();
  const maximum = Math.ceil((ENGINE_BYTES + memoryBytes) / PAGE_BYTES);
  const wasmMemory = new WebAssembly.Memory({ initial: ENGINE_BYTES / PAGE_BYTES, maximum });
  return newQuickJSWASMModuleFromVariant(newVariant(release, { wasmModule: module, wasmMemory }));
}
