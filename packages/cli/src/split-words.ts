import type { CommandData, FlagData } from "./command.ts";
import { usageError } from "./command-error.ts";

/** The words behind a command's name, told apart. */
export interface SplitWords {
  /** The command's own flags, each with its value behind "=". */
  readonly own: readonly string[];
  /** Everything else before `--`, in its order. */
  readonly rest: readonly string[];
  /** Everything behind `--`. */
  readonly behind: readonly string[];
  /** Whether help is wanted. */
  readonly isHelp: boolean;
}

/**
 * Tells a command's own flags from all else, wherever they stand before `--`; what stands behind it is never a flag of the command.
 * A flag that may stand alone takes the next word only if that is a number.
 * @throws CommandError for an own flag without the value that it needs.
 */
export function splitWords(words: readonly string[], command: CommandData): SplitWords {
  const own: string[] = [];
  const rest: string[] = [];
  let isHelp = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") return { own, rest, behind: words.slice(at + 1), isHelp };
    const flag = command.flags.find(({ name }) => word === `--${name}` || word.startsWith(`--${name}=`));
    if (word === "--help" || word === "-h") isHelp = true;
    else if (flag === undefined && word === JSON_WORD && writesJson(command)) own.push("--output=json");
    else if (flag === undefined) rest.push(word);
    else {
      const [typed, isTaken] = withValue(flag, word, words[at + 1]);
      own.push(typed);
      if (isTaken) at++;
    }
  }
  return { own, rest, behind: [], isHelp };
}

/** Short for `--output=json`, but where words may be fields of a message. */
const JSON_WORD = "--json";

function writesJson({ flags, takesFields }: CommandData): boolean {
  return (
    takesFields !== true && flags.some(({ name, choices }) => name === "output" && choices?.includes("json") === true)
  );
}

/** The flag with its value in one word; the second result tells whether the next word was it. */
function withValue(flag: FlagData, word: string, next: string | undefined): readonly [string, boolean] {
  const name = `--${flag.name}`;
  if (flag.kind === "switch") {
    if (word === name) return [name, false];
    throw usageError(`Cannot read flag ${name}: it takes no value, write ${name} alone`);
  }
  if (word !== name) {
    if (word !== `${name}=`) return [word, false];
  } else if (flag.kind === "maybe") {
    return next !== undefined && /^\d+$/.test(next) ? [`${name}=${next}`, true] : [`${name}=0`, false];
  } else if (next !== undefined && next !== "" && !next.startsWith("--")) {
    return [`${name}=${next}`, true];
  }
  throw usageError(
    `Cannot read flag ${name}: it needs a value, write ${name}=${flag.choices?.join("|") ?? flag.placeholder ?? "VALUE"}`,
  );
}
