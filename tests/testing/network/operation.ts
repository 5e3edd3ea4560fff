import { isOrreryError, type Outcome, type SendOptions } from "@orrery/core";

/** How a handler began for an operation. */
export interface Begun {
  readonly component: string;
  readonly node: string;
  readonly machine: string;
  readonly version: string;
  readonly leftMs: number;
}

/** An operation of a caller: what it asked, and how that ended. */
export interface Operation {
  readonly id: number;
  readonly kind: string;
  readonly caller: string;
  /** The component that it asks. */
  readonly component: string;
  readonly options: SendOptions;
  readonly ends: { readonly outcome: Outcome<unknown>; readonly atMs: number }[];
  readonly beganMs: number;
}

/** What is known of an operation when it is judged. */
export interface OperationFacts {
  /** Handlers that began for it, those of calls that it led to included. */
  readonly done: readonly Begun[];
  /** Longest time that it may have asked for, in ms. */
  readonly timeoutMs: number;
  /** Whether what was acknowledged may be lost, as its receiver has died. */
  readonly mayBeLost: boolean;
  /** Whether it may be begun again, as what is kept may. */
  readonly mayRepeat: boolean;
}

/** An exploration puts events off, the end of a time among them, by so much at most. */
export const PUT_OFF_MS = 10_000;

/** Reads a stream to its end. */
export async function readAll<Item>(stream: AsyncIterable<Item>): Promise<Outcome<readonly Item[]>> {
  const items: Item[] = [];
  try {
    for await (const item of stream) items.push(item);
    return { kind: "reply", definite: true, value: items };
  } catch (error) {
    if (!isOrreryError(error)) throw error;
    return { kind: error.kind, definite: error.definite, error };
  }
}

/** Says how an operation broke what every caller is promised, whichever networks lie between it and who handles it. */
export function brokenEnd(operation: Operation, facts: OperationFacts): readonly string[] {
  const { component, ends, beganMs, kind } = operation;
  const own = facts.done.filter((one) => one.component === component);
  const [end] = ends;
  if (end === undefined || ends.length !== 1) return [`it ended ${ends.length} times`];
  const { outcome, atMs } = end;
  const broken: string[] = [];
  if (atMs - beganMs > facts.timeoutMs + PUT_OFF_MS) broken.push(`it took ${atMs - beganMs} ms`);
  const isUndone = outcome.definite && outcome.kind !== "reply" && outcome.kind !== "error";
  if (isUndone && own.length > 0) broken.push(`it ended ${outcome.kind}, definitely undone, and was begun`);
  if (outcome.kind === "timeout" && outcome.definite) broken.push("a timeout says that it is definite");
  if (outcome.kind === "reply" && own.length === 0 && !facts.mayBeLost) broken.push("it was answered, and never begun");
  if (own.length > 1 && !facts.mayRepeat) broken.push(`it was begun ${own.length} times`);
  if (outcome.kind === "reply" && kind === "count" && !isCounted(outcome.value))
    broken.push(`its items are ${JSON.stringify(outcome.value)}`);
  for (const { leftMs } of facts.done) if (leftMs <= 0) broken.push(`a handler began ${-leftMs} ms after its time`);
  return broken;
}

function isCounted(value: unknown): boolean {
  return JSON.stringify((value as readonly { value: number }[]).map((item) => item.value)) === "[1,2,3]";
}

/** Says of which operation something is broken. */
export function sayBroken(operation: Operation, done: readonly Begun[], why: string): string {
  const { id, caller, kind, options } = operation;
  return `operation ${id} of ${caller}, ${kind} ${JSON.stringify(options)}: ${why}; begun ${JSON.stringify(done)}`;
}
