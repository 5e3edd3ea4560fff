import { sourceFault } from "@orrery/registry/service";
import type { Json } from "../fields/json.ts";

/** What is to become of properties. */
export interface PropertyChanges {
  readonly set: Readonly<Record<string, Json>>;
  readonly removed: readonly string[];
  /** Those among the set ones that the resource may not change by itself. */
  readonly fixed: readonly string[];
}

/** A text, and the part of it that holds a block. */
export interface BlockSource {
  readonly text: string;
  /** Where its `{` is; its `}` ends the text. */
  readonly from: number;
}

const NAME = /[A-Za-z][A-Za-z0-9_-]*/y;

/**
 * Reads a block of changes:
 *
 *     block  = "{" [ change { "," change } ] "}"
 *     change = "+" name "=" value | "+@" name "=" value | "!" name
 *     value  = JSON | "'" text "'" | bare
 *
 * A bare value that reads as JSON is that, all else is text. `+@` also keeps the resource from changing it by itself.
 * @throws OrreryError `invalid_argument` with a caret under what is wrong
 */
export function parseChanges({ text, from }: BlockSource): PropertyChanges {
  const reader = createReader({ text, from });
  const set: Record<string, Json> = Object.create(null) as Record<string, Json>;
  const [removed, fixed]: [string[], string[]] = [[], []];
  const seen = new Set<string>();
  reader.each(() => {
    const isRemoved = reader.takes("!");
    if (!isRemoved && !reader.takes("+")) reader.refuse('a change starts with "+" or "!", as in +title="Hi" or !title');
    const isFixed = !isRemoved && reader.takes("@");
    const at = reader.at();
    const name = reader.name();
    if (seen.has(name)) reader.refuse(`"${name}" is there twice`, at);
    seen.add(name);
    if (isRemoved) return void removed.push(name);
    if (!reader.takes("=")) reader.refuse(`a value is missing: write +${name}=VALUE`);
    set[name] = reader.value();
    if (isFixed) fixed.push(name);
  });
  return { set: { ...set }, removed, fixed };
}

/** Reads the names in a block such as `{ title, status }`. @throws OrreryError `invalid_argument` with a caret under what is wrong */
export function parseNames(source: BlockSource): readonly string[] {
  const reader = createReader(source);
  const names: string[] = [];
  reader.each(() => void names.push(reader.name()));
  if (names.length === 0) reader.refuse("it names nothing: write a property, as in { title }", source.from + 1);
  return names;
}

/** Reads a value that stands alone, as behind `--set name=`: JSON, or else text. */
export function parseValue(text: string): Json {
  const quoted = /^'(.*)'$/s.exec(text);
  if (quoted !== null) return quoted[1] ?? "";
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function createReader({ text, from }: BlockSource) {
  let at = from + 1;
  const end = text.length - 1;
  const refuse = (why: string, offset = at): never => {
    throw sourceFault({ action: "Cannot parse properties", text, offset, why });
  };
  const skip = () => {
    while (at < end && /\s/.test(text[at] ?? "")) at++;
  };
  const takes = (sign: string) => {
    if (text[at] !== sign || at >= end) return false;
    at++;
    return true;
  };
  return {
    at: () => at,
    refuse,
    takes,
    /** Reads one after the other, with commas between them. */
    each(one: () => void) {
      if (text[end] !== "}") refuse('"}" is missing at the end', text.length);
      skip();
      while (at < end) {
        one();
        skip();
        if (at < end && !takes(",")) refuse('a "," or "}" is missing here');
        skip();
      }
    },
    name() {
      NAME.lastIndex = at;
      const [name] = NAME.exec(text) ?? [];
      if (name === undefined || at >= end) return refuse("the name of a property is missing here");
      at += name.length;
      return name;
    },
    value(): Json {
      const start = at;
      const stop = endOfValue(text, { from: at, end });
      const said = text.slice(start, stop).trim();
      at = stop;
      if (said === "") return refuse('a value is missing here: write text in quotes, as in "Hi"', start);
      const isClosed = /^(["'[{])/.test(said);
      if (said.startsWith("'") && said.endsWith("'") && said.length > 1) return said.slice(1, -1);
      try {
        return JSON.parse(said) as Json;
      } catch {
        return isClosed ? refuse("this value does not end as it began, or is no JSON", start) : said;
      }
    },
  };
}

/** Where a value ends: before the comma or the end of the block that is in no quotes and no brackets. */
function endOfValue(text: string, { from, end }: { from: number; end: number }): number {
  let depth = 0;
  let quote = "";
  for (let at = from; at < end; at++) {
    const sign = text[at] ?? "";
    if (quote !== "") {
      if (sign === "\\" && quote === '"') at++;
      else if (sign === quote) quote = "";
    } else if (sign === '"' || (sign === "'" && text.slice(from, at).trim() === "")) quote = sign;
    else if (sign === "[" || sign === "{") depth++;
    else if (sign === "]" || sign === "}") depth--;
    else if (sign === "," && depth === 0) return at;
  }
  return end;
}
