import { completeManifest, type SaidManifest } from "./complete-manifest.ts";
import { judgeManifest } from "./judge-manifest.ts";
import { MANIFEST_BYTES_MAX } from "./limits.ts";
import { MANIFEST_SHAPE } from "./manifest-shape.ts";
import type { ComponentManifest } from "./manifest-types.ts";
import { readDocument } from "./read-document.ts";

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
  const options = { file, bytesMax: MANIFEST_BYTES_MAX, judge: judgeManifest };
  return completeManifest(readDocument<SaidManifest>(text, MANIFEST_SHAPE, options));
}
