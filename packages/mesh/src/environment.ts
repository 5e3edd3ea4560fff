/** What a component's folder needs before it starts: `component.yaml`, its checks, and the machine that they look at. */
export {
  type ComponentFolder,
  checkEnvironment,
  checkReachable,
  type EnvironmentReport,
} from "./environment/check-environment.ts";
export { type CheckedFolder, type CheckPathsOptions, checkPaths } from "./environment/check-paths.ts";
export type { LifeEvent, LifeListener, LifeStage } from "./environment/life.ts";
export type { CommandEnd, CommandOrder, Machine, PathFacts } from "./environment/machine.ts";
export { manifestSchema } from "./environment/manifest-shape.ts";
export type {
  CommandSpec,
  ComponentManifest,
  FileSpec,
  ManifestLimits,
  PortSpec,
  ReachSpec,
  VariableSpec,
  VariableType,
  VariableValue,
} from "./environment/manifest-types.ts";
export { type ParseManifestOptions, parseManifest } from "./environment/parse-manifest.ts";
export { type EnvironmentProblem, printProblem } from "./environment/problem.ts";
export { MANIFEST_FILE, readManifest } from "./environment/read-manifest.ts";
export type { ResolvedVariables } from "./environment/resolve-variables.ts";
export { createSystemMachine } from "./environment/system-machine.ts";
