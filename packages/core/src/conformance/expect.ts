import { isOrreryError, type OrreryError } from "../orrery-error.ts";

/** Throws unless a condition holds; `what` says what should have been. */
export function expect(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`Expected ${what}`);
}

/** Throws unless two values are the same plain data, bytes included; not for sets and maps. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (!isSame(actual, expected)) throw new Error(`Expected ${what} to be ${show(expected)}, got ${show(actual)}`);
}

/** What is expected of an error. */
export type ErrorFacts = Partial<Pick<OrreryError, "code" | "kind" | "definite">> & {
  readonly reason?: string | undefined;
  readonly message?: RegExp;
};

/** Waits for a promise to reject with an OrreryError of these facts, and gives the error. */
export async function expectFailure(promise: Promise<unknown>, facts: ErrorFacts): Promise<OrreryError> {
  try {
    await promise;
  } catch (error) {
    if (!isOrreryError(error)) throw error;
    const { message, ...rest } = facts;
    for (const [key, value] of Object.entries(rest))
      expectSame(error[key as keyof OrreryError], value, `${key} of "${error.message}"`);
    expect(message === undefined || message.test(error.message), `"${error.message}" to be like ${message}`);
    return error;
  }
  throw new Error(`Expected a failure (${show(facts)}), got none`);
}

/** Turns something that throws into what `expectFailure` takes. */
export async function attempt(run: () => unknown): Promise<unknown> {
  return run();
}

function isSame(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (left instanceof Uint8Array && right instanceof Uint8Array) return sameBytes(left, right);
  const keys = Object.keys(left);
  if (Array.isArray(left) !== Array.isArray(right) || keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => isSame((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]));
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes ${[...value.subarray(0, 16)].join(" ")}`;
  const text =
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner)) ?? String(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
