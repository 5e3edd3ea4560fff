import type { DescEnum } from "@bufbuild/protobuf";
import { describe, type Json, quote, type Refuse } from "./json.ts";
import { LISTED_MAX } from "./limits.ts";
import { createLeaf } from "./scalar-leaf.ts";
import type { LeafShape } from "./shape.ts";

/**
 * Gives the leaf of a protobuf enum. A value is written by name, in any case, with "-" for "_", with or without what all names begin with;
 * or by number: any number where the enum is open, one of its own where it is closed.
 */
export function enumLeaf(desc: DescEnum): LeafShape {
  if (desc.typeName === "google.protobuf.NullValue") return nullLeaf;
  const prefixLength = desc.sharedPrefix?.length ?? 0;
  const shown = desc.values.map((value) => value.name.slice(prefixLength));
  const numbers = numbersOf(desc, prefixLength);
  const refused = (text: string) => `${quote(text)} is no ${desc.name}, write one of ${listed(shown, ", ")}`;
  const readNumber = (value: number, refuse: Refuse): Json => {
    const isKnown = desc.open ? (value | 0) === value : desc.values.some(({ number }) => number === value);
    if (isKnown) return value;
    throw refuse(refused(String(value)));
  };
  const readText = (text: string, refuse: Refuse): Json => {
    if (/^[+-]?\d{1,15}$/.test(text)) return readNumber(Number(text) + 0, refuse);
    const number = numbers.get(text) ?? numbers.get(fold(text));
    if (number === undefined) throw refuse(refused(text));
    return number;
  };
  return createLeaf({
    type: listed(shown, " | "),
    readText: (text, { refuse }) => readText(text, refuse),
    readJson(json, refuse) {
      if (typeof json === "string") return readText(json, refuse);
      if (typeof json === "number") return readNumber(json, refuse);
      throw refuse(refused(describe(json)));
    },
  });
}

/** Later entries are weaker: a whole name as it is, then folded, then without what all names begin with. */
function numbersOf(desc: DescEnum, prefixLength: number): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  const add = (spell: (name: string) => string) => {
    for (const { name, number } of desc.values) if (!numbers.has(spell(name))) numbers.set(spell(name), number);
  };
  for (const { jsonName, number } of desc.values) if (jsonName !== undefined) numbers.set(jsonName, number);
  add((name) => name);
  add(fold);
  add((name) => fold(name.slice(prefixLength)));
  return numbers;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}

/** The enum of which JSON's null is the only value. */
const nullLeaf = createLeaf({
  type: "null",
  takesNull: true,
  readText(text, { refuse }) {
    if (text === "null" || text === "NULL_VALUE" || text === "0") return null;
    throw refuse(`${quote(text)} is no null, write null`);
  },
  readJson(json, refuse) {
    if (json === null || json === "NULL_VALUE" || json === 0) return null;
    throw refuse(`${describe(json)} is no null, write null`);
  },
});

/** Joins names, as many as people read. */
export function listed(names: readonly string[], separator: string): string {
  if (names.length <= LISTED_MAX) return names.join(separator);
  return [...names.slice(0, LISTED_MAX), `… ${names.length - LISTED_MAX} more`].join(separator);
}
