/** A line that a process printed, and when, in ms since 1970 with a fraction; undefined where it did not say. */
export interface PrintedLine {
  readonly atMs: number | undefined;
  readonly text: string;
}

/** Where the time of a line stands, also behind a line that was torn off by the end of a process. */
const STAMP = "\u001e";
const STAMPED = new RegExp(`${STAMP}(\\d{14,17}) `);

/** Divides what a process printed into lines, with their times. */
export function printedLines(text: string): readonly PrintedLine[] {
  return text.split("\n").flatMap((line) => {
    const [torn = "", ...parts] = line.split(STAMPED); // Each time, and what follows it, in turn.
    const stamped = parts.flatMap((part, at) =>
      at % 2 === 0 ? { atMs: Number(part) / 1_000, text: withoutEnd(parts[at + 1] ?? "") } : [],
    );
    return torn === "" && stamped.length > 0 ? stamped : [{ atMs: undefined, text: withoutEnd(torn) }, ...stamped];
  });
}

function withoutEnd(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
