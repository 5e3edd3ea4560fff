/** Runs a mechtron of an `orrery.yaml` as a component, where there is no platform: what `orrery run` does with it. */
export { type MechtronFileOptions, openMechtronFile } from "./mechtrons/system-mechtron-file.ts";
