import { OrreryError } from "@orrery/core";
import { findPlace, type Place } from "./find-place.ts";
import { type FlagText, spellSegment, splitFlag } from "./flag-name.ts";
import { type Branch, createTree, type Form, plant } from "./flag-tree.ts";
import { type Json, quote, type Refuse } from "./json.ts";
import { ARGS_MAX } from "./limits.ts";
import { readValue } from "./read-value.ts";
import type { Shape } from "./shape.ts";

/** What flags are read for. */
export interface ReadFlagsOptions {
  /** Of the request: a record, or open. */
  readonly shape: Shape;
  /** Service and method, for errors, such as `weather.today`. */
  readonly where: string;
  /** Reads the file that a value such as `@photo.png` names. */
  readonly readFile: (path: string) => Uint8Array;
}

/**
 * Reads arguments as flags of a request: `--field=value`, `--field value`, `--switch`, `--no-switch`, until `--` or the end.
 * @throws OrreryError `invalid_argument` that names the flag and says what would work.
 */
export function readFlags(args: readonly string[], options: ReadFlagsOptions): Branch {
  const { where } = options;
  if (args.length > ARGS_MAX) {
    throw invalid(`Cannot read the flags of ${where}: there are ${args.length} arguments, the limit is ${ARGS_MAX}`);
  }
  const tree = createTree({ flag: "--", refuse: (why) => invalid(`Cannot read the flags of ${where}: ${why}`) });
  for (let at = 0; at < args.length; ) {
    const arg = args[at] as string;
    if (arg === "--") {
      const stray = args[at + 1];
      if (stray !== undefined) throw strayValue(stray, where);
      break;
    }
    if (!arg.startsWith("--")) throw strayValue(arg, where);
    at += readFlag(tree, { arg, next: args[at + 1] }, options);
  }
  return tree;
}

/** Reads one flag, and gives how many arguments it is: two when its value stands apart. */
function readFlag(tree: Branch, words: { arg: string; next: string | undefined }, options: ReadFlagsOptions): number {
  const text = splitFlag(words.arg);
  const flag = `--${text.name}`;
  const refuse: Refuse = (why) => invalid(`Cannot read flag ${quoteFlag(flag)} of ${options.where}: ${why}`);
  const next = words.next?.startsWith("--") ? undefined : words.next;
  const negated = negatedPlace(text, { shape: options.shape, next, refuse });
  const place = negated ?? findPlace(options.shape, text.name, refuse);
  const { shape } = place;
  const given = { flag, refuse };
  const put = (json: Json, form: Form) => plant(tree, { steps: place.steps, json, form, given });
  const stands = formOf(shape);
  if (negated !== undefined || (text.value === undefined && standsAlone(shape, next))) {
    put(negated === undefined, stands);
    return 1;
  }
  const value = text.value ?? next;
  if (value === undefined) throw refuse(`it needs a value, write ${flag}=VALUE (${shape.type})`);
  const { json, isItem } = readValue(shape, value, { refuse, readFile: options.readFile });
  put(json, isItem ? stands : "single");
  return text.value === undefined ? 2 : 1;
}

function formOf(shape: Shape): Form {
  return shape.kind === "list" ? "item" : shape.kind === "open" ? "open" : "single";
}

/** Tells whether a flag with no "=" is true, or has its value in the next argument. */
function standsAlone(shape: Shape, next: string | undefined): boolean {
  if (shape.kind === "open") return next === undefined;
  if (shape.kind === "list") return standsAlone(shape.item, next);
  return shape.kind === "leaf" && shape.isSwitch && next !== "true" && next !== "false";
}

interface NegatedOptions {
  readonly shape: Shape;
  readonly next: string | undefined;
  readonly refuse: Refuse;
}

/** Finds what `--no-x` switches off: nothing where a field is itself called so. Where nothing is known, it must stand alone. */
function negatedPlace({ name, value }: FlagText, { shape, next, refuse }: NegatedOptions): Place | undefined {
  if (!name.startsWith("no-")) return undefined;
  const positive = name.slice("no-".length);
  const place = tryPlace(shape, positive);
  if (place === undefined) return undefined;
  const itself = tryPlace(shape, name);
  if (itself !== undefined && itself.shape.kind !== "open") return undefined;
  if (place.shape.kind === "open") return value === undefined && next === undefined ? place : undefined;
  if (place.shape.kind !== "leaf" || !place.shape.isSwitch) {
    throw refuse(`only a bool can be switched off, and "--${positive}" is ${place.shape.type}`);
  }
  if (value !== undefined) throw refuse(`it takes no value, write --${positive}=false or --${name}`);
  return place;
}

function tryPlace(shape: Shape, name: string): Place | undefined {
  try {
    return findPlace(shape, name, invalid);
  } catch {
    return undefined;
  }
}

function strayValue(arg: string, where: string): OrreryError {
  const name = /^-?([a-zA-Z][\w-]*)$/.exec(arg)?.[1];
  const sample = arg.startsWith("-") && name !== undefined ? `--${spellSegment(name)}` : "--FIELD=VALUE";
  return invalid(`Cannot read ${quote(arg)} of ${where}: it is no flag, write ${sample}`);
}

function quoteFlag(flag: string): string {
  const text = quote(flag);
  return `"${text.slice(1, -1).replaceAll('\\"', '"')}"`;
}

function invalid(message: string): OrreryError {
  return new OrreryError("invalid_argument", message);
}
