import type { FlowEnd } from "./flow.ts";
import { FLOW_MODEL_STEPS_MAX } from "./limits.ts";
import type { MessageEvent, MessageEventKind } from "./message-events.ts";
import { type NamePattern, namePattern } from "./name-pattern.ts";
import { OrreryError } from "./orrery-error.ts";

/** Something that happened in a flow, as models see it. */
export type FlowStep =
  | {
      readonly kind: "message";
      /** `component.method`. */
      readonly name: string;
      readonly at: MessageEventKind;
      readonly outcome: MessageEvent["outcome"];
    }
  | { readonly kind: "point"; readonly name: string }
  | { readonly kind: "flow"; readonly name: string; readonly how: FlowEnd };

/** Part of a model: what should happen, as an expression. Made by the words that `defineFlowModel` hands out. */
export type ModelPart =
  | { readonly kind: "step"; readonly name: string; readonly fits: (step: FlowStep) => boolean }
  | { readonly kind: "sequence" | "anyOrder" | "oneOf"; readonly parts: readonly ModelPart[] }
  | {
      readonly kind: "repeat";
      readonly part: ModelPart;
      /** The next round, once its time is running. */
      readonly next?: ModelPart;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: "within"; readonly part: ModelPart; readonly ms: number; readonly untilMs?: number };

/** A part, or the `component.method` of a message whose handler begins; `*` stands for any characters. */
export type ModelStep = string | ModelPart;

/** The words of a model. */
export interface ModelWords {
  /** One after the other. */
  sequence(...steps: ModelStep[]): ModelPart;
  /** All of them, in any order, also interleaved. */
  anyOrder(...steps: ModelStep[]): ModelPart;
  /** Exactly one of them. */
  oneOf(...steps: ModelStep[]): ModelPart;
  /** Once or not at all. */
  optional(step: ModelStep): ModelPart;
  /** So many times. Default: any number, also none. */
  repeat(step: ModelStep, times?: { readonly min?: number; readonly max?: number }): ModelPart;
  /** Ended no later than so many ms after it could begin. */
  within(ms: number, step: ModelStep): ModelPart;
  /** A message at a moment of its way. Default: its handler begins, in whichever way it ends. */
  message(
    name: string,
    options?: { readonly at?: MessageEventKind; readonly outcome?: MessageEvent["outcome"] },
  ): ModelPart;
  /** A named point is passed. */
  point(name: string): ModelPart;
  /** A sub-flow has ended. Default: in whichever way. */
  subFlow(name: string, how?: FlowEnd): ModelPart;
}

/** Options of a flow model. */
export interface FlowModelOptions {
  /** Names of the flows that it is for; `*` stands for any characters. Default: the model's own name. */
  readonly flow?: string;
  /** Whether a message, point or sub-flow that no step of the model names is wrong, too. Default: it is nobody's business. */
  readonly strict?: boolean;
  /** Ends at which all must have happened. Default: ok. */
  readonly completeOn?: readonly FlowEnd[];
}

/** What should happen in a flow of some name. */
export interface FlowModel {
  readonly name: string;
  readonly part: ModelPart;
  /** Whether a flow of that name is to keep to it. */
  readonly isFor: NamePattern;
  /** Whether something that happened is one of its steps. */
  readonly names: (step: FlowStep) => boolean;
  readonly completeOn: readonly FlowEnd[];
}

/**
 * Defines what should happen in the flows of a name. A monitor holds flows to it: `createFlowMonitor`.
 * @throws OrreryError `invalid_argument` for a model that cannot be.
 * @example
 * const checkout = defineFlowModel("checkout", ({ sequence, anyOrder, within }) =>
 *   sequence("till.charge", anyOrder("stock.take", "mail.send"), within(500, "courier.call")));
 */
export function defineFlowModel(
  name: string,
  make: (words: ModelWords) => ModelStep,
  options: FlowModelOptions = {},
): FlowModel {
  const { flow = name, strict = false, completeOn = ["ok"] } = options;
  const words = createWords(name);
  const part = words.sequence(make(words));
  const steps = stepsOf(part);
  if (steps.length > FLOW_MODEL_STEPS_MAX)
    throw refused(name, `it has ${steps.length} steps, the limit is ${FLOW_MODEL_STEPS_MAX}`);
  const names = (step: FlowStep) => (strict && isCounted(step)) || steps.some(({ fits }) => fits(step));
  return Object.freeze({ name, part, isFor: namePattern(flow), names, completeOn });
}

/** Every message counts once, at the moment its handler begins. */
function isCounted(step: FlowStep): boolean {
  return step.kind !== "message" || step.at === "started";
}

type Step = Extract<ModelPart, { kind: "step" }>;

function stepsOf(part: ModelPart): readonly Step[] {
  if (part.kind === "step") return [part];
  return "parts" in part ? part.parts.flatMap(stepsOf) : stepsOf(part.part);
}

function createWords(model: string): ModelWords {
  const read = (step: ModelStep): ModelPart => (typeof step === "string" ? words.message(step) : step);
  const several = (kind: "sequence" | "anyOrder" | "oneOf", steps: readonly ModelStep[]): ModelPart => {
    if (steps.length === 0) throw refused(model, `${kind}() has no steps, give it one at least`);
    return { kind, parts: steps.map(read) };
  };
  const words: ModelWords = {
    sequence: (...steps) => several("sequence", steps),
    anyOrder: (...steps) => several("anyOrder", steps),
    oneOf: (...steps) => several("oneOf", steps),
    optional: (step) => ({ kind: "repeat", part: read(step), min: 0, max: 1 }),
    repeat(step, { min = 0, max = Number.POSITIVE_INFINITY } = {}) {
      const isWhole = (count: number) => Number.isSafeInteger(count) || count === Number.POSITIVE_INFINITY;
      if (!(Number.isSafeInteger(min) && isWhole(max) && min >= 0 && max >= min && max >= 1))
        throw refused(
          model,
          `repeat() is from ${min} to ${max} times, write whole numbers with min <= max and max >= 1`,
        );
      return { kind: "repeat", part: read(step), min, max };
    },
    within(ms, step) {
      if (!(ms > 0 && Number.isFinite(ms))) throw refused(model, `within() has ${ms} ms, write a number above 0`);
      return { kind: "within", ms, part: read(step) };
    },
    message: (name, { at = "started", outcome } = {}) => {
      if (!name.includes(".") && !name.includes("*"))
        throw refused(model, `step "${name}" is no message, write "component.method" or point("${name}")`);
      const fits = namePattern(name);
      const said = `"${name}"${at === "started" ? "" : ` ${at}`}${outcome === undefined ? "" : ` (${outcome})`}`;
      const isOutcome = (step: MessageEvent["outcome"]) => outcome === undefined || outcome === step;
      return {
        kind: "step",
        name: said,
        fits: (step) => step.kind === "message" && step.at === at && isOutcome(step.outcome) && fits(step.name),
      };
    },
    point(name) {
      const fits = namePattern(name);
      return { kind: "step", name: `point "${name}"`, fits: (step) => step.kind === "point" && fits(step.name) };
    },
    subFlow(name, how) {
      const fits = namePattern(name);
      const isHow = (step: FlowEnd) => how === undefined || how === step;
      return {
        kind: "step",
        name: `end of sub-flow "${name}"${how === undefined ? "" : ` (${how})`}`,
        fits: (step) => step.kind === "flow" && isHow(step.how) && fits(step.name),
      };
    },
  };
  return words;
}

/** Says what happened, as models name their steps. */
export function describeStep(step: FlowStep): string {
  switch (step.kind) {
    case "point":
      return `point "${step.name}"`;
    case "flow":
      return `end of sub-flow "${step.name}" (${step.how})`;
    default: {
      const at = step.at === "started" ? "" : ` ${step.at}`;
      return `"${step.name}"${at}${step.outcome === undefined ? "" : ` (${step.outcome})`}`;
    }
  }
}

function refused(model: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot define flow model "${model}": ${why}`);
}
