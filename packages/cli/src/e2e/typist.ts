import type { CommandInput } from "../command.ts";
import { CommandError, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** What a command left behind. */
export interface Typed {
  readonly exit: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Somebody who types commands of ours, where nobody else's settings are. */
export interface Typist {
  /** Types a command, whatever becomes of it. */
  type(words: readonly string[], secrets?: readonly string[]): Promise<Typed>;
  /** Types one that must go well; gives what it prints. @throws CommandError with what it said */
  done(words: readonly string[], secrets?: readonly string[]): Promise<string>;
}

/** Makes one. `flags` stand behind every command. */
export function createTypist({
  env,
  cwd,
  flags = [],
  input,
}: {
  /** The command of which these are a part. */
  readonly input: Pick<CommandInput, "type">;
  readonly env: Terminal["env"];
  readonly cwd: string;
  readonly flags?: readonly string[];
}): Typist {
  const type: Typist["type"] = async (words, secrets = []) => {
    const said = { out: "", err: "" };
    const exit = await input.type([...words, ...flags], quietTerminal({ env, cwd }, said, [...secrets]));
    return { exit, ...said };
  };
  return {
    type,
    done: async (words, secrets) => {
      const { exit, out, err } = await type(words, secrets);
      if (exit === 0) return out;
      throw new CommandError(`orrery ${words.join(" ")} ended with ${exit}: ${whyOf(err)}`);
    },
  };
}

/** What an error says, in one line. */
function whyOf(err: string): string {
  const text = err.trim();
  try {
    return (JSON.parse(text) as { readonly error: { readonly message: string } }).error.message;
  } catch {
    return text.replaceAll(/\s*\n\s*/g, " ");
  }
}

/** A terminal that nobody looks at, and that keeps what is written. */
function quietTerminal(
  { env, cwd }: Pick<Terminal, "env" | "cwd">,
  said: { out: string; err: string },
  secrets: string[],
): Terminal {
  const write = async (text: string) => {
    said.out += text;
    return true;
  };
  return {
    ...{ env, cwd, isScreen: false, isInteractive: false, width: 100, write },
    progress: () => undefined,
    writeBytes: (bytes) => write(Buffer.from(bytes).toString("utf8")),
    say: (line) => {
      said.err += `${line}\n`;
    },
    async *readLines() {},
    openScreen: () => {
      throw new CommandError("Cannot take the screen: there is none");
    },
    readSecret: async () => secrets.shift(),
    readInput: async () => new Uint8Array(),
    onInterrupt: () => () => undefined,
  };
}
