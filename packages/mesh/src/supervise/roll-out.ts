import type { Clock } from "@orrery/core";
import type { CanaryVerdict } from "./judge-canary.ts";
import { type RollStep, rollSteps } from "./roll-steps.ts";
import { completeSpec, type SuperviseSpec } from "./spec.ts";
import type { ChildStatus } from "./supervise.ts";

/** A supervisor that is rolled out to, here or elsewhere. */
export interface RollTarget {
  readonly spec: SuperviseSpec;
  apply(spec: SuperviseSpec): unknown;
  status(): readonly ChildStatus[] | Promise<readonly ChildStatus[]>;
}

/** Options of a rollout. */
export interface RollOutOptions {
  readonly target: RollTarget;
  readonly to: SuperviseSpec;
  readonly clock: Clock;
  /** As in `RollStepsOptions`. */
  readonly surge?: boolean;
  readonly stages?: readonly number[];
  /** How long a child must be ready before the next is touched, in ms. Default: 1,000. */
  readonly steadyMs?: number;
  /** How long one step may take, in ms. Default: 60,000. */
  readonly stepMs?: number;
  /** How long a stage is looked at before it is judged to have been seen too little, in ms. Default: 600,000. */
  readonly stageMs?: number;
  /** Asked again and again while a stage is looked at. Default: goes on at once. */
  readonly judge?: (stage: number) => CanaryVerdict;
  /** Ends it where its target ends: nothing more is applied, nor put back. Default: nobody ends it. */
  readonly signal?: AbortSignal;
  /** Told of each step that is done, with the number of all. Default: nobody. */
  readonly onStep?: (done: number, all: number) => void;
}

/** How a rollout ended; after `reverted` what ran before is applied again. */
export type RollOutResult =
  | { readonly kind: "done" }
  | { readonly kind: "reverted"; readonly text: string; readonly step: number };

const LOOK_MS = 20;
const ENDED = "it was ended";

/**
 * Replaces what runs, child by child, each when the one before is ready and steady; where stages are given, it stops at each and lets the new
 * version be judged. When a child fails, a step takes too long, or a judge says halt, everything is put back.
 * A target that cannot be reached holds the step up, and in the end halts the rollout: what cannot be seen is not gone on with.
 * @throws OrreryError `invalid_argument` or `resource_exhausted` for a specification that cannot be; nothing is changed then.
 */
export async function rollOut(options: RollOutOptions): Promise<RollOutResult> {
  const { target, to, surge = true, stages = [], onStep } = options;
  completeSpec(to);
  const from = target.spec;
  const steps = rollSteps({ from, to, surge, stages });
  for (const [index, step] of steps.entries()) {
    const trouble = (await take(step, options)) ?? (await look(step, options));
    if (trouble !== undefined) {
      await putBack(from, options);
      return { kind: "reverted", text: trouble, step: index };
    }
    onStep?.(index + 1, steps.length);
  }
  return { kind: "done" };
}

/** Applies a step and waits until it is done; gives what stands against it. */
async function take(
  step: RollStep,
  { target, clock, steadyMs = 1_000, stepMs = 60_000, signal }: RollOutOptions,
): Promise<string | undefined> {
  const endMs = clock.monotonic() + stepMs;
  const known = await statusOf(target);
  const before = known === undefined ? undefined : restartsOf(known);
  let steadyFromMs: number | undefined;
  let isApplied = false;
  for (let last = "the supervisor did not answer"; ; await clock.sleep(LOOK_MS)) {
    if (signal?.aborted) return ENDED;
    isApplied ||= await applyTo(target, step.spec);
    const status = isApplied ? await statusOf(target) : undefined;
    const failed = status?.find((child) => step.ready.includes(child.name) && hasFailed(child, before));
    if (failed !== undefined)
      return `"${failed.name}" failed: ${failed.cause || (failed.exits.at(-1)?.text ?? failed.state)}`;
    const open = status === undefined ? undefined : openOf(step, status);
    if (open === "") steadyFromMs ??= clock.monotonic();
    else steadyFromMs = undefined;
    if (steadyFromMs !== undefined && (step.ready.length === 0 || clock.monotonic() - steadyFromMs >= steadyMs))
      return undefined;
    last = open || last;
    if (clock.monotonic() >= endMs) return `a step took longer than ${stepMs / 1000} s: ${last}`;
  }
}

/** Lets a stage be judged; gives what stands against it. */
async function look(
  step: RollStep,
  { clock, judge, stageMs = 600_000, signal }: RollOutOptions,
): Promise<string | undefined> {
  if (step.stage === undefined || judge === undefined) return undefined;
  const endMs = clock.monotonic() + stageMs;
  for (;;) {
    if (signal?.aborted) return ENDED;
    const verdict = judge(step.stage);
    if (verdict.kind === "go-on") return undefined;
    if (verdict.kind === "halt") return verdict.text;
    if (clock.monotonic() >= endMs) return `too few calls to judge it came within ${stageMs / 1000} s`;
    await clock.sleep(LOOK_MS);
  }
}

async function putBack(from: SuperviseSpec, { target, clock, stepMs = 60_000, signal }: RollOutOptions): Promise<void> {
  for (const endMs = clock.monotonic() + stepMs; clock.monotonic() < endMs; await clock.sleep(LOOK_MS))
    if (signal?.aborted || (await applyTo(target, from))) return;
}

async function applyTo(target: RollTarget, spec: SuperviseSpec): Promise<boolean> {
  try {
    await target.apply(spec);
    return true;
  } catch {
    return false; // It is asked again until the step's time is over: to apply twice changes nothing.
  }
}

async function statusOf(target: RollTarget): Promise<readonly ChildStatus[] | undefined> {
  try {
    return await target.status();
  } catch {
    return undefined;
  }
}

function restartsOf(status: readonly ChildStatus[]): ReadonlyMap<string, number> {
  return new Map(status.map(({ name, exits }) => [name, exits.at(-1)?.atMs ?? 0]));
}

/** Whether a child of a step was given up, or ended after the step began in a way that nobody asked for. */
function hasFailed(child: ChildStatus, before: ReadonlyMap<string, number> | undefined): boolean {
  const last = child.exits.at(-1);
  const isNew = last !== undefined && before !== undefined && last.atMs > (before.get(child.name) ?? 0);
  return child.state === "given-up" || (isNew && last.reason !== "asked" && last.reason !== "group");
}

/** What is still missing for a step to be done; empty when nothing is. */
function openOf({ ready, gone }: RollStep, status: readonly ChildStatus[]): string {
  const missing = ready.filter((name) => status.find((child) => child.name === name)?.state !== "ready");
  const staying = gone.filter((name) => status.some((child) => child.name === name));
  if (missing.length > 0) return `"${missing[0]}" is not ready`;
  return staying.length > 0 ? `"${staying[0]}" has not ended` : "";
}
