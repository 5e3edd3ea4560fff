import {
  describe,
  type ExactJson,
  isExactObject,
  isList,
  type Json,
  type JsonObject,
  parseExact,
  plainJson,
  quote,
  type Refuse,
  setOwn,
  within,
} from "./json.ts";
import type { Field, ListShape, MapShape, OpenShape, RecordShape, Shape, TextOptions } from "./shape.ts";
import { unknownField } from "./unknown-field.ts";

/** What a flag's text is for the place that the flag names. */
export interface FlagValue {
  readonly json: Json;
  /** True for one item of a list; the flag may then be repeated. */
  readonly isItem: boolean;
}

/**
 * Reads a flag's text for a place: a leaf as its type says; messages and maps as a JSON object; a list as a JSON list where the text
 * begins with "[", and otherwise as one item of it.
 * @throws what `refuse` makes, naming value and type.
 */
export function readValue(shape: Shape, text: string, options: TextOptions): FlagValue {
  switch (shape.kind) {
    case "leaf":
      return { json: shape.readText(text, options), isItem: false };
    case "open":
      return { json: guess(text, options.refuse), isItem: true };
    case "list":
      if (text.trimStart().startsWith("[")) return { json: readWhole(shape, text, options.refuse), isItem: false };
      return { json: readValue(shape.item, text, options).json, isItem: true };
    default:
      return { json: readWhole(shape, text, options.refuse), isItem: false };
  }
}

function readWhole(shape: RecordShape | ListShape | MapShape, text: string, refuse: Refuse): Json {
  const json = parseExact(text, refuse);
  const isFit = json !== undefined && (shape.kind === "list" ? isList(json) : isExactObject(json));
  if (isFit) return shape.readJson(json, refuse);
  throw refuse(`${quote(text)} is no ${WHOLES[shape.kind]}`);
}

const WHOLES = {
  record: "JSON object, write one, or its fields one by one with dots",
  map: "JSON object, write one, or its entries one by one as .KEY=VALUE",
  list: 'JSON list, write one, or .0=VALUE for an item that begins with "["',
} as const;

/**
 * Reads a text of which nothing is known: JSON if it is that, else a string. A number that would lose digits, or that stands between
 * blanks, stays the text that it is.
 */
export function guess(text: string, refuse: Refuse): Json {
  const json = parseExact(text, refuse);
  if (json === undefined || typeof json === "bigint") return text;
  if (typeof json === "object" && json !== null) return plainJson(json, refuse);
  const isFit = text.trim() === text && (typeof json !== "number" || Number.isFinite(json));
  return isFit ? json : text;
}

/** The place of which nothing is known. */
export const OPEN: OpenShape = { kind: "open", type: "any", readJson: plainJson };

/** Reads the JSON of a record strictly: keys become the contract's, and null is the lack of a field. @throws what `refuse` makes. */
export function readRecord(shape: RecordShape, json: ExactJson, refuse: Refuse): Json {
  if (!isExactObject(json)) throw refuse(`${describe(json)} is no ${shape.type}, write a JSON object`);
  const record: JsonObject = {};
  const chosen = new Map<string, string>();
  for (const [name, value] of Object.entries(json)) {
    const field = shape.find(name);
    if (field === undefined) throw unknownField(name, { shape, before: "", refuse });
    if (Object.hasOwn(record, field.key)) throw refuse(`field "${field.key}" is there twice, in two spellings`);
    if (value === null && !(field.shape.kind === "leaf" && field.shape.takesNull)) continue;
    assertOnly(field, chosen, refuse);
    setOwn(record, field.key, field.shape.readJson(value, within(refuse, name)));
  }
  return record;
}

function assertOnly({ key, choice }: Field, chosen: Map<string, string>, refuse: Refuse): void {
  if (choice === undefined) return;
  const other = chosen.get(choice.name);
  if (other !== undefined) {
    throw refuse(`"${other}" and "${key}" are both of oneof "${choice.name}", give one of them`);
  }
  chosen.set(choice.name, key);
}

/** Makes a list whose items are read strictly. */
export function strictList(item: Shape): ListShape {
  return {
    kind: "list",
    type: `repeated ${item.type}`,
    item,
    readJson(json, refuse) {
      if (!isList(json)) throw refuse(`${describe(json)} is no list of ${item.type}, write a JSON list`);
      return json.map((one, index) => item.readJson(one, within(refuse, String(index))));
    },
  };
}

/** Makes a map whose keys and values are read strictly. */
export function strictMap(value: Shape, key: { readonly type: string; readonly read: MapShape["readKey"] }): MapShape {
  return {
    kind: "map",
    type: `map<${key.type}, ${value.type}>`,
    value,
    readKey: key.read,
    readJson(json, refuse) {
      if (!isExactObject(json)) throw refuse(`${describe(json)} is no map, write a JSON object`);
      const map: JsonObject = {};
      for (const [name, one] of Object.entries(json)) {
        const inside = within(refuse, name);
        setOwn(map, key.read(name, inside), value.readJson(one, inside));
      }
      return map;
    },
  };
}
