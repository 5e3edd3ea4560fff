import type { CommandData } from "../../command.ts";
import { simDiffCommand } from "./diff.ts";
import { simExploreCommand } from "./explore.ts";
import { simInjectCommand } from "./inject.ts";
import { simReplayCommand } from "./replay.ts";
import { simRunCommand } from "./run.ts";
import { simShrinkCommand } from "./shrink.ts";
import { simStepCommand } from "./step.ts";
import { simTraceCommand } from "./trace.ts";
import { simUntilCommand } from "./until.ts";
import { simViewCommand } from "./view.ts";

/** The commands of the simulator, in the order of the help. */
export const SIM_COMMANDS: readonly CommandData[] = [
  simRunCommand,
  simExploreCommand,
  simReplayCommand,
  simShrinkCommand,
  simStepCommand,
  simUntilCommand,
  simInjectCommand,
  simViewCommand,
  simTraceCommand,
  simDiffCommand,
];
