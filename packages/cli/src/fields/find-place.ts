import { readPath, type Segment, spellSegment } from "./flag-name.ts";
import { quote, type Refuse } from "./json.ts";
import { LIST_INDEX_MAX } from "./limits.ts";
import { OPEN } from "./read-value.ts";
import type { Choice, ListShape, MapShape, RecordShape, Shape } from "./shape.ts";
import { unknownField } from "./unknown-field.ts";

/** One step from a value into what it holds. */
export type Step =
  | { readonly kind: "field"; readonly key: string; readonly choice: Choice | undefined }
  | { readonly kind: "item"; readonly index: number };

/** What a flag's path leads to. */
export interface Place {
  readonly steps: readonly Step[];
  readonly shape: Shape;
}

interface Turn extends Place {
  /** How many segments it used up. */
  readonly used: number;
}

/**
 * Follows the path of a flag, such as `order.lines.0.sku`, through the shapes of a request.
 * @throws what `refuse` makes for a name that is no field, key or index there, with the nearest field.
 */
export function findPlace(root: Shape, name: string, refuse: Refuse): Place {
  const segments = readPath(name, refuse);
  let shape = root;
  const steps: Step[] = [];
  for (let at = 0; at < segments.length; ) {
    const before = segments
      .slice(0, at)
      .map((segment) => `${spellSegment(segment.name)}.`)
      .join("");
    const turn = follow(shape, segments.slice(at), { before, refuse });
    steps.push(...turn.steps);
    shape = turn.shape;
    at += turn.used;
  }
  return { steps, shape };
}

interface FollowOptions {
  readonly before: string;
  readonly refuse: Refuse;
}

function follow(shape: Shape, segments: readonly Segment[], options: FollowOptions): Turn {
  const [segment] = segments as readonly [Segment, ...Segment[]];
  const { before, refuse } = options;
  switch (shape.kind) {
    case "record":
      return intoRecord(shape, segment, options);
    case "list":
      return intoList(shape, segment, options);
    case "map":
      return intoMap(shape, segments, refuse);
    case "open":
      return intoOpen(segment, refuse);
    case "leaf":
      throw refuse(`"--${before.slice(0, -1)}" takes one value (${shape.type}) and has no fields`);
  }
}

function intoRecord(shape: RecordShape, segment: Segment, { before, refuse }: FollowOptions): Turn {
  const field = shape.find(segment.name);
  if (field !== undefined) {
    return { steps: [{ kind: "field", key: field.key, choice: field.choice }], shape: field.shape, used: 1 };
  }
  if (shape.rest === undefined) throw unknownField(segment.name, { shape, before: `--${before}`, refuse });
  return { steps: [{ kind: "field", key: segment.name, choice: undefined }], shape: shape.rest, used: 1 };
}

function intoList(shape: ListShape, segment: Segment, { before, refuse }: FollowOptions): Turn {
  if (!isIndex(segment)) {
    const sample = `--${before}0${segment.rest === "" ? "" : `.${segment.rest}`}`;
    throw refuse(`"--${before.slice(0, -1)}" is a list, name an item by its number as in "${sample}"`);
  }
  return { steps: [itemStep(segment, refuse)], shape: shape.item, used: 1 };
}

/** Where nothing can follow a key, it is all that is left of the path, dots included. */
function intoMap(shape: MapShape, segments: readonly Segment[], refuse: Refuse): Turn {
  const [segment] = segments as readonly [Segment, ...Segment[]];
  const endsPath = shape.value.kind === "leaf" && !(segment.isQuoted && segments.length === 1);
  const key = shape.readKey(endsPath ? segment.rest : segment.name, refuse);
  const used = endsPath ? segments.length : 1;
  return { steps: [{ kind: "field", key, choice: undefined }], shape: shape.value, used };
}

function intoOpen(segment: Segment, refuse: Refuse): Turn {
  if (isIndex(segment)) return { steps: [itemStep(segment, refuse)], shape: OPEN, used: 1 };
  if (segment.name === "" && !segment.isQuoted) throw refuse('a name in its path is empty, write "" for that');
  return { steps: [{ kind: "field", key: segment.name, choice: undefined }], shape: OPEN, used: 1 };
}

function isIndex(segment: Segment): boolean {
  return !segment.isQuoted && /^\d+$/.test(segment.name);
}

function itemStep({ name }: Segment, refuse: Refuse): Step {
  const index = Number(name);
  if (index <= LIST_INDEX_MAX) return { kind: "item", index };
  throw refuse(`index ${quote(name)} is beyond the limit of ${LIST_INDEX_MAX}`);
}
