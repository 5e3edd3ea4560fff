import { createHash } from "node:crypto";
import { parseSelector, parseVerbs, printSelector, printVerbs, VERBS } from "@orrery/registry/service";
import type { CommandInput } from "../command.ts";
import { usageError } from "../command-error.ts";

/** What a grant says, and where it lies. */
export interface GrantWords {
  /** The same grant has the same address. */
  readonly address: string;
  readonly verbs: string;
  readonly on: string;
  readonly to: string;
}

const LETTERS = printVerbs(VERBS);
const NAMES: ReadonlyMap<string, string> = new Map(VERBS.map((verb) => [verb, printVerbs([verb])]));

/** Reads `VERBS on SELECTOR to AGENT`. @throws CommandError, OrreryError `invalid_argument` */
export function readGrantWords({ words, command }: CommandInput): GrantWords {
  const [said = "", on, selector = "", to, agent = ""] = words;
  if (on !== "on" || to !== "to")
    throw usageError(
      `Cannot ${command.name} "${words.join(" ")}": write VERBS on SELECTOR to AGENT, as in rw on 'demo.test:files:**' to ann`,
    );
  const parsed = parseSelector(selector);
  const [first] = parsed.hops;
  if (parsed.authority !== undefined || first === undefined || !("text" in first))
    throw usageError(
      `Cannot grant on "${selector}": a grant lies in the space that it is about, start with one such as demo.test`,
    );
  const text = printSelector(parsed);
  const name = createHash("sha256").update(`${text}\n${agent}`).digest("hex").slice(0, 16);
  return { address: `${first.text}:grant-${name}`, verbs: readVerbs(said), on: text, to: agent };
}

/** Reads verbs: letters as in `rw`, or names as in `read,write`. @throws CommandError */
function readVerbs(said: string): string {
  const letters = said
    .split(",")
    .map((word) => NAMES.get(word) ?? word)
    .join("");
  const wrong = [...letters].find((letter) => !LETTERS.includes(letter) && letter !== "-");
  if (wrong === undefined && /[a-z]/.test(letters)) return printVerbs(parseVerbs(letters));
  throw usageError(
    `Cannot read verbs "${said}": ${wrong === undefined ? "it names none" : `"${wrong}" is none`}, write some of c(reate) s(elect) d(elete) r(ead) w(rite) (e)x(ecute), or names as in read,write`,
  );
}
