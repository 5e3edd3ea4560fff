import { type Comment, type EcmaScriptModule, parseSync } from "oxc-parser";
import type { SourceFile } from "./project.ts";

/** A node of the syntax tree; the rest of its fields depend on `type` (ESTree with TypeScript's additions). */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A parsed file. Offsets count UTF-16 units from 0. */
export interface Syntax {
  readonly body: readonly Node[];
  readonly comments: readonly Comment[];
  readonly module: EcmaScriptModule;
  /** Line of an offset, counted from 1. */
  lineAt(offset: number): number;
}

const parsed = new WeakMap<SourceFile, Syntax>();

/**
 * Parses a TypeScript file, once for all checks.
 * @throws Error with file and line when the text is no TypeScript
 */
export function syntaxOf(file: SourceFile): Syntax {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const starts = lineStarts(file.text);
  const lineAt = (offset: number): number => lineOf(starts, offset);
  const result = parseSync(file.path, file.text);
  const error = result.errors[0];
  if (error !== undefined) {
    throw new Error(`Cannot parse "${file.path}:${lineAt(error.labels[0]?.start ?? 0)}": ${error.message}`);
  }
  const body = result.program.body as unknown as readonly Node[];
  const syntax: Syntax = { body, comments: result.comments, module: result.module, lineAt };
  parsed.set(file, syntax);
  return syntax;
}

/**
 * Visits every node below the given ones, parents first.
 * `enter` gets the node and its ancestors, nearest last; it returns true to go on below the node.
 */
export function walk(nodes: readonly Node[], enter: (node: Node, parents: readonly Node[]) => boolean): void {
  const parents: Node[] = [];
  const visit = (node: Node): void => {
    if (!enter(node, parents)) return;
    parents.push(node);
    for (const child of childrenOf(node)) visit(child);
    parents.pop();
  };
  for (const node of nodes) visit(node);
}

/** The nodes directly below a node, in the order of their fields. */
export function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

/** Tells whether a field of a node holds a node itself. */
export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
