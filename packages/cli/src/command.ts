import type { ExitCode } from "./command-error.ts";
import type { Terminal } from "./terminal.ts";

/** One flag of a command. */
export interface FlagData {
  readonly name: string;
  /** One letter that stands for it. Default: none. */
  readonly short?: string;
  readonly summary: string;
  /** `switch`: no value. `value`: one. `values`: may be repeated. `maybe`: may stand alone. */
  readonly kind: "switch" | "value" | "values" | "maybe";
  /** What stands for the value in the help. */
  readonly placeholder?: string;
  /** Values of which one is to be chosen. */
  readonly choices?: readonly string[];
  /** Text that stands when the flag is not given; for the help too. */
  readonly default?: string;
}

/** Words that a command takes besides its flags. */
export interface WordsData {
  /** How the help writes them, such as `FILE-or-DIR…`. */
  readonly usage: string;
  readonly summary: string;
  readonly min: number;
  /** Undefined for any number. */
  readonly max?: number;
}

/** One example of a command. */
export interface ExampleData {
  readonly words: string;
  readonly does: string;
}

/** What was typed, as its command has it. */
export interface TypedLine {
  readonly command: CommandData;
  /** Every command that there is. */
  readonly all: readonly CommandData[];
  readonly words: readonly string[];
  /** Text of a flag with one value; undefined when it was not given. */
  text(flag: string): string | undefined;
  /** Texts of a flag that may be repeated. */
  texts(flag: string): readonly string[];
  /** Whether a switch was given. */
  has(flag: string): boolean;
}

/** What a handler is given of what was typed. */
export interface CommandInput extends TypedLine {
  /** Does another line, as if it were typed at that terminal. */
  type(words: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

/** Does a command; gives its exit code. */
export type Handler = (input: CommandInput, terminal: Terminal) => Promise<ExitCode>;

/** Commands that belong together, such as `orrery sim run` and `orrery sim view`. */
export interface GroupData {
  readonly name: string;
  readonly summary: string;
  /** Last word of the command that the name of the group alone stands for. Default: it stands for its help. */
  readonly usual?: string;
}

/** A command as data: everything that is known of it without running it. Help and documentation are made from it. */
export interface CommandData {
  /** One word; or, in a group, that of the group and its own: `sim run`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** What else must be known, in a few sentences. */
  readonly description: string;
  readonly words: WordsData;
  readonly flags: readonly FlagData[];
  readonly examples: readonly ExampleData[];
  /** Whether flags that are not its own are fields of a message, for its handler to read. */
  readonly takesFields?: boolean;
  /** Loads what does it; nothing of it is loaded for the help. */
  load(): Promise<{ readonly run: Handler }>;
}

/** Flags that every command has. */
export const COMMON_FLAGS: readonly FlagData[] = [
  {
    name: "output",
    kind: "value",
    choices: ["text", "json"],
    default: "text",
    summary: "How results and errors are written",
    placeholder: "FORM",
  },
  { name: "debug", kind: "switch", summary: "Print where in the code an error came from" },
];
