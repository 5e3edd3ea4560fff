/** An app in a world: what a simulation of an `orrery.yaml` begins with. */
export {
  type AppNodeOptions,
  type AppWorld,
  type LoadAppOptions,
  loadApp,
  type WorldApp,
} from "./apps/system-world-app.ts";
