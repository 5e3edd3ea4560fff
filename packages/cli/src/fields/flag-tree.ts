import type { Step } from "./find-place.ts";
import { isObject, type Json, type JsonObject, type Refuse, setOwn } from "./json.ts";
import type { Choice } from "./shape.ts";

/** Values by their places, as flags gave them. */
export interface Branch {
  readonly kind: "fields" | "items";
  readonly given: Given;
  /** By key, or by index as text. */
  readonly parts: Map<string, Part>;
}

/** The flag that made something, for errors about it. */
export interface Given {
  /** As it was typed, such as `--lines.0.sku`. */
  readonly flag: string;
  readonly refuse: Refuse;
}

/** What one flag, repeated perhaps, says of a place. */
interface Value {
  readonly kind: "value";
  readonly given: Given;
  readonly jsons: Json[];
  readonly form: Form;
}

/** One value; an item of a list; or, where nothing is known, one value when given once and a list when repeated. */
export type Form = "single" | "item" | "open";

interface Part {
  readonly node: Branch | Value;
  readonly step: Step;
}

/** A value on its way into the tree. */
export interface Planted {
  readonly steps: readonly Step[];
  readonly json: Json;
  readonly form: Form;
  readonly given: Given;
}

/**
 * Puts the value of a flag at its place.
 * @throws what the flag's `refuse` makes when the place is taken: given before, given as a whole or in part, or by another of its oneof.
 */
export function plant(root: Branch, planted: Planted): void {
  const { steps, given } = planted;
  let at: Branch | Value = root;
  for (const [depth, step] of steps.entries()) {
    const branch: Branch = asBranch(at, step, given);
    assertAlone(branch, step, given);
    const key = keyOf(step);
    const next = steps[depth + 1];
    const part: Part | undefined = branch.parts.get(key);
    if (part !== undefined) {
      at = part.node;
      if (next === undefined) repeat(at, planted);
    } else {
      at = next === undefined ? leafOf(planted) : { kind: kindOf(next), given, parts: new Map() };
      branch.parts.set(key, { node: at, step });
    }
  }
}

/** Makes the tree that flags are put into. */
export function createTree(given: Given): Branch {
  return { kind: "fields", given, parts: new Map() };
}

function leafOf({ json, form, given }: Planted): Value {
  return { kind: "value", given, form, jsons: [json] };
}

function kindOf(step: Step): Branch["kind"] {
  return step.kind === "item" ? "items" : "fields";
}

function keyOf(step: Step): string {
  return step.kind === "item" ? String(step.index) : step.key;
}

function asBranch(at: Branch | Value, step: Step, given: Given): Branch {
  if (at.kind === "value") throw given.refuse(`"${at.given.flag}" gives the whole of it, use one of the two`);
  if (at.kind === kindOf(step)) return at;
  throw given.refuse(
    `"${at.given.flag}" makes it ${WORDS[at.kind]}, and this ${WORDS[kindOf(step)]}, use one of the two`,
  );
}

const WORDS = { items: "a list", fields: "an object" } as const;

function assertAlone(branch: Branch, step: Step, given: Given): void {
  if (step.kind !== "field" || step.choice === undefined) return;
  for (const key of step.choice.keys) {
    const rival = key === step.key ? undefined : branch.parts.get(key);
    if (rival === undefined) continue;
    const both = `it and "${rival.node.given.flag}" are both of oneof "${step.choice.name}"`;
    throw given.refuse(`${both}, give one of them`);
  }
}

function repeat(node: Branch | Value, { json, form, given }: Planted): void {
  if (node.kind !== "value") throw given.refuse(`"${node.given.flag}" gives a part of it, use one of the two`);
  if (form === node.form && form !== "single") {
    node.jsons.push(json);
    return;
  }
  if (form === node.form) throw given.refuse("it is given twice, and takes one value");
  throw given.refuse("it is given as a JSON list and as an item, give one list or repeat it for each item");
}

/**
 * Lays what flags said over JSON: an object's fields are replaced one by one, an index replaces or appends one item, all else is replaced
 * whole. The JSON is not changed.
 * @throws what a flag's `refuse` makes when an index leaves a gap.
 */
export function overlay(base: Json | undefined, node: Branch | Value): Json {
  if (node.kind === "value") {
    const [first = null] = node.jsons;
    return node.form === "item" || node.jsons.length > 1 ? node.jsons : first;
  }
  return node.kind === "items" ? overlayItems(base, node) : overlayFields(base, node);
}

function overlayItems(base: Json | undefined, node: Branch): Json {
  const list = Array.isArray(base) ? [...base] : [];
  const parts = [...node.parts].sort(([left], [right]) => Number(left) - Number(right));
  for (const [key, { node: item }] of parts) {
    const index = Number(key);
    if (index > list.length) {
      throw item.given.refuse(`item ${list.length} before it is missing, number items from 0 without a gap`);
    }
    list[index] = overlay(list[index], item);
  }
  return list;
}

function overlayFields(base: Json | undefined, node: Branch): Json {
  const record: JsonObject = {};
  const gone = new Set([...node.parts.values()].flatMap(({ step }) => rivalsOf(step)));
  for (const [key, json] of Object.entries(isObject(base) ? base : {})) {
    if (!gone.has(key)) setOwn(record, key, json);
  }
  for (const [key, { node: part }] of node.parts) {
    setOwn(record, key, overlay(Object.hasOwn(record, key) ? record[key] : undefined, part));
  }
  return record;
}

function rivalsOf(step: Step): readonly string[] {
  const choice: Choice | undefined = step.kind === "field" ? step.choice : undefined;
  return choice === undefined ? [] : choice.keys.filter((key) => key !== keyOf(step));
}
