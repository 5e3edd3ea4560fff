import { type Cage, type CageBounds, type CageSources, openCage } from "./cage.ts";
import { MEMORY_BYTES_MAX } from "./limits.ts";
import { createModelCell } from "./model-cell.ts";
import { createScriptEngine } from "./script-engine.ts";
import { loadEngineModule } from "./system-engine-file.ts";

/**
 * Makes a cage for the simulator: instances run in this thread, in an order that nothing but messages decides; time is the given clock's. A
 * script in an endless loop is stopped by counting; a module in one is not. Make it before the simulated world begins. What scripts used is given back with the cage, which
 * has room for some thousand of their instances: take another one after some hundred worlds.
 */
export async function createModelCage(options: CageSources & CageBounds): Promise<Cage> {
  const engine = await createScriptEngine(await loadEngineModule(), MEMORY_BYTES_MAX);
  return openCage(options, { ...options, spare: 0, createCell: () => createModelCell(engine) });
}
