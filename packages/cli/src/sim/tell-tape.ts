import {
  packTape,
  type Recording,
  recordingOf,
  runScenario,
  type ScenarioRun,
  sayFailure,
  type Tape,
  toTimeline,
  writeScript,
} from "@orrery/sim";
import { colour, type Terminal } from "../terminal.ts";
import type { ScenarioFile } from "./load-scenario.ts";
import { failureFacts, replayCommand } from "./tell-run.ts";

/** A failing tape, and the run of it that is shown. */
export interface ShownTape {
  readonly file: ScenarioFile;
  readonly tape: Tape;
  readonly run: ScenarioRun;
  readonly recording: Recording;
  /** Lines of the tape, with what they mean. */
  readonly script: readonly string[];
  /** Command that replays it. */
  readonly replay: string;
}

/** Runs a tape once more, to show it. */
export async function showTape(file: ScenarioFile, tape: Tape, terminal: Terminal): Promise<ShownTape> {
  const { scenario } = file;
  const run = await runScenario(scenario, { tape, trace: "keep" });
  const recording = recordingOf(run.world, { scenario: scenario.name });
  const script = writeScript(tape, recording.records);
  return { file, tape, run, recording, script, replay: replayCommand(file, packTape(tape), terminal) };
}

/** Lines of a picture: more says nothing at a glance. */
const PICTURE_LINES_MAX = 60;

/** Tells a failing tape: what failed, how it was found, its script, a picture, and the line that replays it. */
export function tellTape(shown: ShownTape, how: string, terminal: Terminal): readonly string[] {
  const { file, tape, run, recording, script, replay } = shown;
  const failure = run.failure === undefined ? "" : sayFailure(run.failure);
  const nodes = recording.nodes.map(({ name }) => name).filter((name) => !tape.absent.includes(name));
  const isColoured = colour(terminal, "good", "") !== "";
  const picture = toTimeline(recording, { nodes, width: terminal.width, isColoured });
  const lines = picture.trimEnd().split("\n");
  const isLong = lines.length > PICTURE_LINES_MAX;
  const left = `… ${lines.length - PICTURE_LINES_MAX} lines before; all of them: ${replay.replace(" sim replay ", " sim trace ")}`;
  return [
    `${colour(terminal, "bad", "failed")} "${file.scenario.name}": ${failure}`,
    how,
    "",
    ...script.map((line) => `  ${line}`),
    "",
    ...(isLong ? [left, ...lines.slice(0, 2), ...lines.slice(-PICTURE_LINES_MAX)] : lines),
    "",
    `replay with: ${replay}`,
  ];
}

/** The same for programs. */
export function tapeFacts({ file, tape, run, script, replay }: ShownTape): object {
  const { failure, events, elapsedMs, hash } = run;
  return {
    scenario: file.scenario.name,
    held: failure === undefined,
    ...(failure !== undefined && { failure: failureFacts(failure) }),
    events,
    elapsedMs,
    hash,
    script,
    tape: packTape(tape),
    replay,
  };
}

/** Says what to type next, once there is a failing tape. */
export function sayNext({ replay }: ShownTape, terminal: Terminal): void {
  const verb = (name: string) => replay.replace(" sim replay ", ` sim ${name} `);
  terminal.say(`Next: step through it with ${verb("step")}\n  or look at it with ${verb("view")}`);
}
