import { nearNames } from "@orrery/core/edit-distance";
import { isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import { JSON_DEPTH_MAX } from "./limits.ts";
import { parseSpan, type RecordShape, type Shape, type TextShape } from "./shape.ts";

/** A mistake, and where it begins. */
export interface Mistake {
  readonly offset: number;
  /** What is wrong, why, and what would work. */
  readonly text: string;
}

/** Told of each mistake. */
type Tell = (mistake: Mistake) => void;

/** One value of a document that is read. */
interface Reading {
  readonly node: Node | null;
  /** Its name for people, such as `ports.http`. */
  readonly path: string;
  /** Where it is, or where it would be. */
  readonly offset: number;
  readonly tell: Tell;
}

/**
 * Reads a value by its shape, and tells every mistake. Gives plain data; of what is wrong nothing is given.
 * @returns what fits; a caller that was told of a mistake must not use it
 */
export function readShape(node: Node | null, shape: RecordShape, tell: Tell): unknown {
  return read({ node, path: "", offset: 0, tell }, shape);
}

function read(reading: Reading, shape: Shape): unknown {
  switch (shape.kind) {
    case "list":
      return readList(reading, shape);
    case "map":
      return readMap(reading, shape);
    case "record":
      return readRecord(reading, shape);
    case "either":
      return read(reading, isMap(reading.node) ? shape.long : shape.short);
    case "json":
      return readJson(reading, JSON_DEPTH_MAX);
    default:
      return readScalar(reading, shape);
  }
}

type ScalarShape = Exclude<Shape, { kind: "list" | "map" | "record" | "either" | "json" }>;

function readScalar(reading: Reading, shape: ScalarShape): unknown {
  const value = isScalar(reading.node) ? reading.node.value : undefined;
  return fits(value, shape) ? value : wrong(reading, wanted(shape));
}

function fits(value: unknown, shape: ScalarShape): boolean {
  switch (shape.kind) {
    case "text":
      return typeof value === "string" && shape.pattern.test(value);
    case "number":
    case "integer":
      return (
        typeof value === "number" &&
        value >= shape.min &&
        value <= shape.max &&
        (shape.kind === "number" || Number.isInteger(value))
      );
    case "span":
      return isSpan(value, shape);
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      return typeof value === "string" && shape.of.includes(value);
    case "scalar":
      return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  }
}

function isSpan(value: unknown, { min, max }: { readonly min: number; readonly max: number }): boolean {
  if (typeof value === "number") return Number.isInteger(value) && value >= min && value <= max;
  const span = typeof value === "string" ? parseSpan(value) : undefined;
  return span !== undefined && span.min >= Math.max(1, min) && span.max <= max;
}

function wanted(shape: ScalarShape): string {
  switch (shape.kind) {
    case "text":
      return `write ${shape.what} such as ${shape.example}`;
    case "number":
    case "integer":
      return `write ${shape.kind === "integer" ? "a whole number" : "a number"} from ${shape.min} to ${shape.max}`;
    case "span":
      return `write a whole number from ${shape.min} to ${shape.max}, or from least to most such as 1..8`;
    case "boolean":
      return "write true or false";
    case "choice":
      return `write ${shape.of.join(", ")}`;
    case "scalar":
      return "write a text, a number, true or false";
  }
}

function readList(reading: Reading, shape: Extract<Shape, { kind: "list" }>): unknown {
  const { node, path, tell } = reading;
  if (!isSeq<Node>(node)) return wrong(reading, "write a list, such as [one, two]");
  const count = node.items.length;
  if (count > shape.max || count < shape.min)
    return wrong(reading, `it has ${count} entries, write ${shape.min} to ${shape.max}`);
  return node.items.map((item, index) =>
    read({ node: item, path: `${path}[${index}]`, offset: startOf(item), tell }, shape.of),
  );
}

function readMap(reading: Reading, shape: Extract<Shape, { kind: "map" }>): unknown {
  const { node } = reading;
  if (!isMap<Node, Node>(node))
    return wrong(reading, `write names with a value each, such as ${shape.names.example}: …`);
  if (node.items.length > shape.max)
    return wrong(reading, `it has ${node.items.length} entries, the limit is ${shape.max}`);
  const values = pairsOf(node, reading).map(({ name, at }) => {
    if (!isName(name, shape.names))
      reading.tell({ offset: at.keyOffset, text: `"${name}" is no name here: ${wanted(shape.names)}` });
    return [name, read(at, shape.of)] as const;
  });
  return Object.fromEntries(values);
}

function isName(name: string, names: TextShape): boolean {
  return names.pattern.test(name);
}

function readRecord(reading: Reading, { fields }: RecordShape): unknown {
  const { node, path, tell, offset } = reading;
  const known = Object.keys(fields);
  if (!isMap<Node, Node>(node)) return wrong(reading, `write some of ${known.join(", ")}`);
  const values: (readonly [string, unknown])[] = [];
  for (const { name, at } of pairsOf(node, reading)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) tell({ offset: at.keyOffset, text: unknownName(at.path, name, known) });
    else values.push([name, read(at, field.shape)]);
  }
  for (const [name, { isRequired }] of Object.entries(fields))
    if (isRequired === true && !node.has(name))
      tell({
        offset: startOf(node) || offset,
        text: `"${path === "" ? name : `${path}.${name}`}" is missing: write it`,
      });
  return Object.fromEntries(values);
}

/** Reads whatever there is, as plain data. */
function readJson(reading: Reading, depthLeft: number): unknown {
  const { node, path, tell } = reading;
  if (depthLeft === 0) return wrong(reading, `write at most ${JSON_DEPTH_MAX} levels`);
  if (isMap<Node, Node | null>(node))
    return Object.fromEntries(pairsOf(node, reading).map(({ name, at }) => [name, readJson(at, depthLeft - 1)]));
  if (isSeq<Node>(node))
    return node.items.map((item, index) =>
      readJson({ node: item, path: `${path}[${index}]`, offset: startOf(item), tell }, depthLeft - 1),
    );
  if (node === null) return null;
  const value = isScalar(node) ? node.value : undefined;
  const isPlain = value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
  return isPlain ? value : wrong(reading, "write what JSON can say");
}

function pairsOf(node: YAMLMap<Node, Node | null>, { path, tell }: Reading) {
  return node.items.map(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : "";
    const keyOffset = startOf(key);
    const at = { node: value, path: path === "" ? name : `${path}.${name}`, offset: startOf(value) || keyOffset, tell };
    return { name, at: { ...at, keyOffset } };
  });
}

function unknownName(path: string, name: string, known: readonly string[]): string {
  const [near] = nearNames(name, known);
  return `there is no "${path}": ${near === undefined ? `write one of ${known.join(", ")}` : `did you mean "${near}"?`}`;
}

function wrong({ node, path, offset, tell }: Reading, what: string): undefined {
  const value = wordFor(node);
  tell({ offset, text: `"${path}" is ${value}: ${what}` });
  return undefined;
}

function wordFor(node: Node | null): string {
  if (isScalar(node)) return node.value === null ? "nothing" : JSON.stringify(node.value);
  if (isSeq(node)) return "a list";
  return isMap(node) ? "a record" : node === null ? "nothing" : "an alias";
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
