import { OrreryError } from "@orrery/core";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { Misfit } from "./judge-manifest.ts";
import { MISTAKES_MAX } from "./limits.ts";
import { type Mistake, readShape } from "./read-shape.ts";
import type { RecordShape } from "./shape.ts";

/** Options of a reader of documents. */
export interface ReadDocumentOptions<Said> {
  /** What errors call the file. */
  readonly file: string;
  readonly bytesMax: number;
  /** Finds mistakes in what fits the shape. Default: none. */
  readonly judge?: (said: Said) => readonly Misfit[];
}

/**
 * Reads the text of a YAML file by its shape; one of nothing but comments says nothing.
 * @throws OrreryError `invalid_argument` with every mistake, of up to 50, each with `file:line:column` and what would work
 */
export function readDocument<Said extends object>(
  text: string,
  shape: RecordShape,
  { file, bytesMax, judge }: ReadDocumentOptions<Said>,
): Said | Record<string, never> {
  if (text.length > bytesMax)
    throw new OrreryError("invalid_argument", `Cannot read "${file}": it is longer than ${bytesMax} bytes`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const mistakes: Mistake[] = [...document.errors, ...document.warnings].map(({ message, pos }) => {
    return { offset: pos[0], text: `${message.split("\n")[0]?.replace(/\.$/, "")}: write it as YAML has it` };
  });
  if (mistakes.length === 0 && document.contents === null) return {};
  const tell = (mistake: Mistake) => void mistakes.push(mistake);
  const said = (mistakes.length === 0 ? readShape(document.contents, shape, tell) : {}) as Said;
  if (mistakes.length === 0)
    for (const { path, text: why } of judge?.(said) ?? []) tell({ offset: offsetOf(document, path), text: why });
  if (mistakes.length === 0) return said;
  const places = mistakes
    .sort((a, b) => a.offset - b.offset)
    .slice(0, MISTAKES_MAX)
    .map(({ offset, text: why }) => {
      const { line, col } = lines.linePos(offset);
      return `${file}:${line}:${col}: ${why}`;
    });
  const message = [`Cannot read "${file}":`, ...places].join("\n  ");
  throw new OrreryError("invalid_argument", message, { details: { places } });
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  const node = document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
