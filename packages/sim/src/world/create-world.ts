import { ModelWorld } from "./model-world.ts";
import type { World } from "./world.ts";
import type { WorldOptions } from "./world-options.ts";

/** Makes a world with no nodes, at the beginning of its time. */
export function createWorld(options: WorldOptions = {}): World {
  return new ModelWorld(options);
}
