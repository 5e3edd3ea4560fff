import { OrreryError } from "@orrery/core";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { completeManifest, type SaidManifest } from "./complete-manifest.ts";
import { judgeManifest } from "./judge-manifest.ts";
import { MANIFEST_BYTES_MAX, MISTAKES_MAX } from "./limits.ts";
import { MANIFEST_SHAPE } from "./manifest-shape.ts";
import type { ComponentManifest } from "./manifest-types.ts";
import { type Mistake, readShape } from "./read-shape.ts";

/** Options of the parser. */
export interface ParseManifestOptions {
  /** What errors call the file. */
  readonly file: string;
}

/**
 * Reads the text of a `component.yaml`. What it leaves out is filled in.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column` and what would work
 */
export function parseManifest(text: string, { file }: ParseManifestOptions): ComponentManifest {
  if (text.length > MANIFEST_BYTES_MAX)
    throw new OrreryError("invalid_argument", `Cannot read "${file}": it is longer than ${MANIFEST_BYTES_MAX} bytes`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const mistakes: Mistake[] = [...document.errors, ...document.warnings].map(({ message, pos }) => {
    return { offset: pos[0], text: `${message.split("\n")[0]?.replace(/\.$/, "")}: write it as YAML has it` };
  });
  const said = mistakes.length === 0 ? readSaid(document, mistakes) : {};
  if (mistakes.length === 0) return completeManifest(said);
  const places = mistakes
    .sort((a, b) => a.offset - b.offset)
    .slice(0, MISTAKES_MAX)
    .map(({ offset, text }) => {
      const { line, col } = lines.linePos(offset);
      return `${file}:${line}:${col}: ${text}`;
    });
  throw new OrreryError("invalid_argument", [`Cannot read "${file}":`, ...places].join("\n  "), {
    details: { places },
  });
}

function readSaid(document: Document.Parsed, mistakes: Mistake[]): SaidManifest {
  if (document.contents === null) return {}; // Nothing but comments.
  const said = readShape(document.contents, MANIFEST_SHAPE, (mistake) => mistakes.push(mistake)) as SaidManifest;
  if (mistakes.length > 0) return {};
  for (const { path, text } of judgeManifest(said)) mistakes.push({ offset: offsetOf(document, path), text });
  return said;
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  const node = document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
