import { didYouMean } from "./suggest.ts";

/** What a command that could not be done tells a shell. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, notFound: 4, timeout: 5 } as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Options of a command error. */
export interface CommandErrorOptions {
  /** Default: 1, failed. */
  readonly exit?: ExitCode;
  /** What to type next. Default: nothing. */
  readonly tip?: string;
  readonly cause?: unknown;
}

/**
 * Says why a command cannot be done: `Cannot X "value": why, what would work`. Everything else that is thrown is printed alike;
 * this one chooses its exit code and may give a tip.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exit: ExitCode;
  readonly tip: string;

  constructor(message: string, options: CommandErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exit = options.exit ?? EXIT.failed;
    this.tip = options.tip ?? "";
  }
}

/** An error of the one who typed. */
export function usageError(message: string, tip = ""): CommandError {
  return new CommandError(message, { exit: EXIT.usage, tip });
}

/** Gives what work gives; what it refuses as an invalid argument was typed, so it counts as wrong usage. */
export async function typed<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code, message } = cause as { code?: unknown; message?: unknown };
    if (code !== "invalid_argument" || typeof message !== "string") throw cause;
    throw new CommandError(message, { exit: EXIT.usage, cause });
  }
}

/** No service is called that; `near` are those that may have been meant, `names` all that there are. */
export class UnknownService extends CommandError {
  readonly said: string;
  readonly near: readonly string[];
  readonly names: readonly string[];
  /** Where it was looked, as whom; empty for this project. */
  readonly where: string;

  constructor(
    said: string,
    {
      near,
      names,
      where = "",
    }: { readonly near: readonly string[]; readonly names: readonly string[]; readonly where?: string },
  ) {
    const known = names.length === 0 ? "there are none" : `there are ${names.join(", ")}`;
    const why = near.length === 0 ? known : didYouMean(near);
    super(`Cannot find service "${said}": ${why}${where === "" ? "" : ` (${where})`}`, {
      exit: EXIT.notFound,
      tip: "orrery services",
    });
    this.said = said;
    this.near = near;
    this.names = names;
    this.where = where;
  }
}
