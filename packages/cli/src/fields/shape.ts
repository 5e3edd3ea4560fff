import type { ExactJson, Json, Refuse } from "./json.ts";

/** What a place of a request holds, whatever its contract was written in. */
export type Shape = LeafShape | RecordShape | ListShape | MapShape | OpenShape;

/** What all shapes have. */
interface ShapeBase {
  /** For people, such as `int64`, `repeated Line` or `red | green`. */
  readonly type: string;
  /** Takes JSON that somebody wrote for this place, and gives it as the contract spells it. @throws what `refuse` makes. */
  readJson(json: ExactJson, refuse: Refuse): Json;
}

/** What readers of text are handed. */
export interface TextOptions {
  readonly refuse: Refuse;
  /** Reads the file that a value such as `@photo.png` names. */
  readonly readFile: (path: string) => Uint8Array;
}

/** One value that is written as text. */
export interface LeafShape extends ShapeBase {
  readonly kind: "leaf";
  /** What else help says of it; may be empty. */
  readonly note: string;
  /** True for a bool: the flag alone means true, and `--no-` in front of it false. */
  readonly isSwitch: boolean;
  /** True where null is a value and not the lack of one. */
  readonly takesNull: boolean;
  /** Reads a flag's text. @throws what `refuse` makes. */
  readText(text: string, options: TextOptions): Json;
}

/** Named fields. */
export interface RecordShape extends ShapeBase {
  readonly kind: "record";
  readonly fields: readonly Field[];
  /** What other names hold, if others are allowed. */
  readonly rest: Shape | undefined;
  /** Finds a field by any of its spellings. */
  find(name: string): Field | undefined;
}

/** One field of a record. */
export interface Field {
  /** Its key in JSON: what help shows. */
  readonly key: string;
  /** Every way to write its name. */
  readonly spellings: readonly string[];
  readonly shape: Shape;
  /** The oneof that it belongs to; undefined for none. */
  readonly choice: Choice | undefined;
  /** What else help says of it; may be empty. */
  readonly note: string;
}

/** Fields of which at most one is set. */
export interface Choice {
  readonly name: string;
  /** Keys of all its fields. */
  readonly keys: readonly string[];
}

/** Items of one shape. */
export interface ListShape extends ShapeBase {
  readonly kind: "list";
  readonly item: Shape;
}

/** Values of one shape by keys that the caller chooses. */
export interface MapShape extends ShapeBase {
  readonly kind: "map";
  readonly value: Shape;
  /** Reads a key's text. @throws what `refuse` makes. */
  readKey(text: string, refuse: Refuse): string;
}

/** Of which nothing is known: a text that is JSON is that JSON, and any other text is a string. */
export interface OpenShape extends ShapeBase {
  readonly kind: "open";
}

/** The parts of a record that differ from one to the next. */
export interface RecordParts {
  readonly type: string;
  /** Called once, when first needed: a record may hold itself. */
  readonly fields: () => readonly Field[];
  readonly rest?: Shape;
  readonly readJson: (shape: RecordShape, json: ExactJson, refuse: Refuse) => Json;
}

/** Makes a record. */
export function createRecord(parts: RecordParts): RecordShape {
  const fields = once(parts.fields);
  const index = once(() => indexOf(fields()));
  const shape: RecordShape = {
    kind: "record",
    type: parts.type,
    rest: parts.rest,
    get fields() {
      return fields();
    },
    find: (name) => index().get(name),
    readJson: (json, refuse) => parts.readJson(shape, json, refuse),
  };
  return shape;
}

/** A key as it is always wins; another spelling counts where it can mean one field only. */
function indexOf(fields: readonly Field[]): ReadonlyMap<string, Field> {
  const index = new Map<string, Field>();
  const owners = new Map<string, Set<Field>>();
  for (const field of fields) {
    for (const spelling of field.spellings) owners.set(spelling, (owners.get(spelling) ?? new Set()).add(field));
  }
  for (const [spelling, found] of owners) {
    const [field] = found;
    if (field !== undefined && found.size === 1) index.set(spelling, field);
  }
  for (const field of fields) index.set(field.key, field);
  return index;
}

/**
 * Gives every way to write a field's name: as its key in JSON, as the contract spells it, and both as `lineItems`, `line_items` and
 * `line-items`.
 */
export function spellingsOf(key: string, name: string = key): readonly string[] {
  const snake = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll("-", "_");
  const camel = snake.replace(/(?<=[^_])_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return [...new Set([key, name, snake, camel, snake.replaceAll("_", "-")])];
}

/** Puts off work until its result is first asked for; shapes may hold themselves. */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
