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
  /** Whether each mistake is followed by its line, and a caret under its place. Default: false. */
  readonly showsLines?: boolean;
  /** Finds mistakes in what fits the shape. Default: none. */
  readonly judge?: (said: Said) => readonly Misfit[];
  /** Handed what tells in which line something stands, before the document is given. Default: nobody asks. */
  readonly onLines?: (lineOf: (path: Misfit["path"]) => number) => void;
}

/**
 * Reads the text of a YAML file by its shape; one of nothing but comments says nothing.
 * @throws OrreryError `invalid_argument` with every mistake, of up to 50, each with `file:line:column` and what would work; details `mistakes` have them as data
 */
export function readDocument<Said extends object>(
  text: string,
  shape: RecordShape,
  { file, bytesMax, showsLines = false, judge, onLines }: ReadDocumentOptions<Said>,
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
  if (mistakes.length === 0) {
    onLines?.((path) => lines.linePos(offsetOf(document, path)).line);
    return said;
  }
  const found = mistakes
    .sort((a, b) => a.offset - b.offset)
    .slice(0, MISTAKES_MAX)
    .map(({ offset, text: why }) => {
      const { line, col: column } = lines.linePos(offset);
      const place = `${file}:${line}:${column}: ${why}`;
      return { line, column, text: why, place: showsLines ? `${place}\n${lineOf(text, offset)}` : place };
    });
  const places = found.map(({ place }) => place);
  const message = [`Cannot read "${file}":`, ...places].join("\n  ");
  const details = { places, mistakes: found.map(({ line, column, text: why }) => ({ line, column, text: why })) };
  throw new OrreryError("invalid_argument", message, { details });
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  const node = document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** The line of a place, and a caret below it; of a long line what is around the place. */
function lineOf(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", start);
  const from = Math.max(start, offset - SHOWN_MAX / 2);
  const shown = text.slice(from, Math.min(end === -1 ? text.length : end, from + SHOWN_MAX));
  return `    ${printable(shown)}\n    ${" ".repeat(offset - from)}^`;
}

/** A tab or another control character would move the caret. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
}

/** Most letters of a line that are shown. */
const SHOWN_MAX = 120;
