import type { FlowStep, ModelPart } from "./flow-model.ts";

/** What is left of a model after some steps: another model. Nothing left is a sequence of nothing. */
const DONE: ModelPart = Object.freeze({ kind: "sequence", parts: Object.freeze([]) });

/** Whether it may end here: nothing that is left must happen. */
export function mayEnd(part: ModelPart): boolean {
  switch (part.kind) {
    case "step":
      return false;
    case "oneOf":
      return part.parts.some(mayEnd);
    case "repeat":
      return part.min === 0 || mayEnd(part.part);
    case "within":
      return mayEnd(part.part);
    default:
      return part.parts.every(mayEnd);
  }
}

/**
 * What may be left after a step at a time, each possibility once: none when the step is wrong, more than one where the model allows
 * several readings. These are the partial derivatives of a regular expression, with shuffle and time.
 */
export function after(part: ModelPart, step: FlowStep, nowMs: number): readonly ModelPart[] {
  switch (part.kind) {
    case "step":
      return part.fits(step) ? [DONE] : [];
    case "oneOf":
      return part.parts.flatMap((one) => after(one, step, nowMs));
    case "anyOrder":
      return part.parts.flatMap((one, index) =>
        after(one, step, nowMs).map((left) => joined("anyOrder", part.parts.with(index, left))),
      );
    case "repeat": {
      if (part.max === 0) return [];
      const rest: ModelPart = { kind: "repeat", part: part.part, min: Math.max(0, part.min - 1), max: part.max - 1 };
      return after(part.next ?? part.part, step, nowMs).map((left) => joined("sequence", [left, rest]));
    }
    case "within": {
      const { untilMs = Number.POSITIVE_INFINITY } = part;
      if (nowMs > untilMs) return [];
      return after(part.part, step, nowMs).map((left) => (left === DONE ? DONE : { ...part, part: left }));
    }
    default:
      return afterSequence(part.parts, step, nowMs);
  }
}

function afterSequence(parts: readonly ModelPart[], step: FlowStep, nowMs: number): readonly ModelPart[] {
  const all: ModelPart[] = [];
  for (const [index, part] of parts.entries()) {
    const rest = parts.slice(index + 1);
    for (const left of after(part, step, nowMs)) all.push(joined("sequence", [left, ...rest]));
    if (!mayEnd(part)) break; // What comes after it may come only when it has come.
  }
  return all;
}

function joined(kind: "sequence" | "anyOrder", parts: readonly ModelPart[]): ModelPart {
  const left = parts.filter((part) => part !== DONE && !(part.kind === "repeat" && part.max === 0));
  if (left.length === 0) return DONE;
  return left.length === 1 ? (left[0] ?? DONE) : { kind, parts: left };
}

/** Lets the time run of all that could begin now. */
export function running(part: ModelPart, nowMs: number): ModelPart {
  switch (part.kind) {
    case "step":
      return part;
    case "within":
      return { ...part, untilMs: part.untilMs ?? nowMs + part.ms, part: running(part.part, nowMs) };
    case "repeat":
      return { ...part, next: running(part.next ?? part.part, nowMs) };
    case "sequence": {
      const first = part.parts.findIndex((one) => !mayEnd(one));
      const last = first < 0 ? part.parts.length : first;
      return { kind: part.kind, parts: part.parts.map((one, index) => (index <= last ? running(one, nowMs) : one)) };
    }
    default:
      return { kind: part.kind, parts: part.parts.map((one) => running(one, nowMs)) };
  }
}

/** When what must happen next must have happened, in ms; infinity where nothing must, or has no limit. */
export function dueMs(part: ModelPart): number {
  if (mayEnd(part)) return Number.POSITIVE_INFINITY;
  switch (part.kind) {
    case "step":
      return Number.POSITIVE_INFINITY;
    case "within":
      return Math.min(part.untilMs ?? Number.POSITIVE_INFINITY, dueMs(part.part));
    case "repeat":
      return dueMs(part.next ?? part.part);
    case "oneOf":
      return Math.max(...part.parts.map(dueMs));
    case "anyOrder":
      return Math.min(...part.parts.map(dueMs));
    default:
      return dueMs(part.parts.find((one) => !mayEnd(one)) ?? DONE);
  }
}

/** Names of the steps that could come next. */
export function expected(part: ModelPart): readonly string[] {
  switch (part.kind) {
    case "step":
      return [part.name];
    case "within":
    case "repeat":
      return expected(part.part);
    case "sequence": {
      const first = part.parts.findIndex((one) => !mayEnd(one));
      return part.parts.slice(0, first < 0 ? part.parts.length : first + 1).flatMap(expected);
    }
    default:
      return part.parts.flatMap(expected);
  }
}

/** Names of the steps that must still come, in order; alternatives are joined by "or". */
export function missing(part: ModelPart): readonly string[] {
  if (mayEnd(part)) return [];
  switch (part.kind) {
    case "step":
      return [part.name];
    case "within":
      return missing(part.part);
    case "repeat":
      return part.min === 1 ? missing(part.part) : [`${missing(part.part).join(" and ")} (${part.min} times)`];
    case "oneOf":
      return [part.parts.map((one) => missing(one).join(" and ")).join(" or ")];
    default:
      return part.parts.flatMap(missing);
  }
}

/** A text that two parts share only when they are the same, so that each possibility is kept once. */
export function keyOf(part: ModelPart): string {
  switch (part.kind) {
    case "step":
      return JSON.stringify(part.name);
    case "within":
      return `w${part.untilMs ?? ""}/${part.ms}(${keyOf(part.part)})`;
    case "repeat":
      return `r${part.min}/${part.max}(${keyOf(part.part)};${part.next === undefined ? "" : keyOf(part.next)})`;
    default:
      return `${part.kind}(${part.parts.map(keyOf).join(",")})`;
  }
}
