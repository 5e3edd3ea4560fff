/** One thing a check found wrong, and how to mend it. */
export interface Finding {
  /** Path from the repository's root. */
  readonly file: string;
  /** Counted from 1; 0 when the whole file is meant. */
  readonly line: number;
  /** What is wrong, in one sentence, no final period. */
  readonly what: string;
  /** What the author should do about it. */
  readonly mend: string;
}

/** Prints a finding as `file:line what` and, below it, how to mend it. */
export function formatFinding(finding: Finding): string {
  const place = finding.line > 0 ? `${finding.file}:${finding.line}` : finding.file;
  return `${place} ${finding.what}\n    ${finding.mend}`;
}

/** Compares two findings by file, then line, for `toSorted`: the order in which a report lists them. */
export function byPlace(left: Finding, right: Finding): number {
  return left.file === right.file ? left.line - right.line : left.file < right.file ? -1 : 1;
}
