/** How a run went wrong. */
export type FailureKind =
  | "always"
  | "eventually"
  | "check"
  | "flow"
  | "leak"
  | "error"
  | "deadlock"
  | "stuck"
  | "endless";

/** What a run of a scenario did wrong. */
export interface Failure {
  readonly kind: FailureKind;
  /** Name of the rule that was broken, or place of the error. Two failures of one kind and name are taken for the same. */
  readonly name: string;
  readonly message: string;
  /** When, in ms of the world. */
  readonly atMs: number;
  /** Events that had run. */
  readonly events: number;
  readonly cause: unknown;
}

/** Thrown by a rule that does not hold. */
export class RuleBroken extends Error {
  override readonly name = "RuleBroken";
  readonly kind: FailureKind;
  readonly rule: string;

  constructor(kind: FailureKind, rule: string, message: string) {
    super(message);
    this.kind = kind;
    this.rule = rule;
  }
}

/** Makes a failure of what a run threw. */
export function failureOf(
  cause: unknown,
  { elapsedMs, events }: { readonly elapsedMs: number; readonly events: number },
): Failure {
  const at = { atMs: elapsedMs, events, cause };
  if (cause instanceof RuleBroken) return { kind: cause.kind, name: cause.rule, message: cause.message, ...at };
  const { code, message, stack } = cause as { code?: unknown; message?: unknown; stack?: unknown };
  const text = typeof message === "string" ? message : String(cause);
  if (code === "deadline_exceeded" && text.startsWith("Cannot wait on"))
    return { kind: "stuck", name: "the run does not end", message: text, ...at };
  if (code === "resource_exhausted" && text.startsWith("Cannot run on"))
    return { kind: "endless", name: "the run does not end", message: text, ...at };
  return { kind: "error", name: placeOf(typeof stack === "string" ? stack : "", text), message: text, ...at };
}

/** Whether two failures are the same bug, as far as can be told. */
export function isSameFailure(a: Failure | undefined, b: Failure | undefined): boolean {
  return a !== undefined && b !== undefined && a.kind === b.kind && a.name === b.name;
}

const FRAME = /(?:file:\/\/)?(\/[^\s():]+):(\d+):\d+/;

/** The first place in a stack that is neither Node's nor a library's, else the text without its numbers. */
function placeOf(stack: string, text: string): string {
  for (const line of stack.split("\n").slice(1)) {
    const [, file = "", row = ""] = FRAME.exec(line) ?? [];
    if (file === "" || /node_modules|\/packages\/(sim|core)\/(src|dist)\/(?!.*(test|zoo))/.test(file)) continue;
    return `${file.split("/").slice(-2).join("/")}:${row}`;
  }
  return withoutNumbers(text);
}

/** The first line of a text without its numbers: what stays the same when a failure comes again a little later. */
export function withoutNumbers(text: string): string {
  return (text.split("\n")[0] ?? "").replaceAll(/\d+(\.\d+)?/g, "N");
}
