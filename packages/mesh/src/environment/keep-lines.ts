import { OUTPUT_BYTES_MAX, OUTPUT_LINE_MAX, OUTPUT_LINES_MAX } from "./limits.ts";

/** The last of what a command prints. */
export interface LineKeeper {
  add(text: string): void;
  /** The last lines, each cut where it is too long. */
  lines(): readonly string[];
}

/** Makes what keeps the last of a text that may be endless. */
export function createLineKeeper(): LineKeeper {
  let kept = "";
  return {
    add: (text) => {
      kept = (kept + text).slice(-OUTPUT_BYTES_MAX);
    },
    lines: () => lastLines(kept),
  };
}

/** The last lines of a text, each cut where it is too long. */
export function lastLines(text: string): readonly string[] {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  const cut = (line: string) => (line.length > OUTPUT_LINE_MAX ? `${line.slice(0, OUTPUT_LINE_MAX)}…` : line);
  return lines.length === 1 && lines[0] === "" ? [] : lines.slice(-OUTPUT_LINES_MAX).map(cut);
}
