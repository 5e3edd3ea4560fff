/** Runs the mechtrons of an `orrery.yaml` as components, where there is no platform: what `orrery run` does with them. */
export { type WorldPlatformOptions, worldPlatform } from "./local/system-local-platform.ts";
export { type MechtronFileOptions, openMechtronFile } from "./mechtrons/system-mechtron-file.ts";
