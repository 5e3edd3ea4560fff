import { parseAddress, printAddress, sourceFault } from "@orrery/registry/service";
import type { CommandInput } from "../command.ts";
import { usageError } from "../command-error.ts";
import { type BlockSource, type PropertyChanges, parseChanges, parseNames, parseValue } from "./property-block.ts";

/** What one word of a command names. */
export interface Target {
  readonly address: string;
  /** Behind the address in angle brackets; empty where there is none. */
  readonly kind: string;
  readonly block: BlockSource | undefined;
}

/** Reads `ADDRESS`, `ADDRESS<Kind>` and `ADDRESS{ … }`. @throws OrreryError `invalid_argument` with a caret under what is wrong */
export function parseTarget(text: string): Target {
  const open = /^[^{]*\}?$/.test(text) ? -1 : text.indexOf("{");
  const head = (open === -1 ? text : text.slice(0, open)).trimEnd();
  const [, named = head, kind = ""] = /^(.*)<([^<>]*)>$/s.exec(head) ?? [];
  if (named === head && /<[A-Za-z]*$/.test(head)) throw unclosedKind(head);
  return {
    address: printAddress(parseAddress(named)),
    kind,
    block: open === -1 ? undefined : { text: text.trimEnd(), from: open },
  };
}

function unclosedKind(text: string) {
  const why = 'a ">" is missing at the end: write the kind as in <FileSystem>';
  return sourceFault({ action: "Cannot parse address", text, offset: text.length, why });
}

/** Reads the word of a command that takes an address, and nothing behind it. */
export function readAddress(text: string): string {
  return printAddress(parseAddress(text));
}

/** All changes that a command was given: those of its block, then those of its flags. @throws CommandError, OrreryError `invalid_argument` */
export function readChanges(input: CommandInput, block: BlockSource | undefined): PropertyChanges {
  const { set, removed, fixed } = block === undefined ? { set: {}, removed: [], fixed: [] } : parseChanges(block);
  const all = { ...set };
  const [gone, locked] = [[...removed], [...fixed]];
  const taken = new Set([...Object.keys(set), ...removed]);
  const take = (name: string) => {
    if (taken.has(name)) throw usageError(`Cannot change "${name}": it is there twice`);
    taken.add(name);
  };
  for (const flag of ["set", "fix"])
    for (const text of input.texts(flag)) {
      const [, name, value = ""] = /^([A-Za-z][A-Za-z0-9_-]*)=(.*)$/s.exec(text) ?? [];
      if (name === undefined)
        throw usageError(`Cannot read flag --${flag}: "${text}" is not NAME=VALUE, write one such as title="Hi"`);
      take(name);
      all[name] = parseValue(value);
      if (flag === "fix") locked.push(name);
    }
  for (const name of input.texts("unset")) {
    take(name);
    gone.push(name);
  }
  return { set: all, removed: gone, fixed: locked };
}

/** Labels that a command was given, as `NAME=VALUE`. @throws CommandError for one that is not */
export function readLabels(input: CommandInput): Readonly<Record<string, string>> {
  return Object.fromEntries(
    input.texts("label").map((text) => {
      const at = text.indexOf("=");
      if (at < 1)
        throw usageError(`Cannot read flag --label: "${text}" is not NAME=VALUE, write one such as team=blue`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** The names in a block such as `{ title }`; none where there is no block. */
export function readNames({ block }: Target): readonly string[] {
  return block === undefined ? [] : parseNames(block);
}
