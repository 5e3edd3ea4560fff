import type { QuickJSWASMModule } from "quickjs-emscripten-core";
import { type Cage, type CageSources, openCage } from "./cage.ts";
import { ENGINE_GUESTS, MEMORY_BYTES_MAX } from "./limits.ts";
import { createModelCell } from "./model-cell.ts";
import { createScriptEngine } from "./script-engine.ts";
import { loadEngineModule } from "./system-engine-file.ts";

/**
 * Makes a model cage for worlds that come and go in one process, whose nodes crash without a word. I1: each mechtron has a cage of its own, so
 * that none that is gone takes the room of another. I2: an engine is given up with its memory after so many instances; the next is the same to them.
 */
export async function createWorldCage(sources: CageSources): Promise<Pick<Cage, "createMechtron">> {
  const compiled = await loadEngineModule();
  const make = () => createScriptEngine(compiled, MEMORY_BYTES_MAX);
  let engine: QuickJSWASMModule = await make();
  let instances = 0;
  const createCell = () => {
    instances += 1;
    if (instances % ENGINE_GUESTS === 0)
      void make().then((made) => {
        engine = made; // I2
      });
    return createModelCell(engine);
  };
  return { createMechtron: (options) => openCage(sources, { spare: 0, createCell }).createMechtron(options) }; // I1
}
