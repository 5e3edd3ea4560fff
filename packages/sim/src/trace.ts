import { isControl, kindText, type Message } from "@orrery/core/internal";

/** What happened in a world, line by line, and a hash of it: two runs with one hash went the same way. */
export interface Trace {
  /** 16 hex digits over all lines so far. */
  readonly hash: string;
  /** Lines so far. */
  readonly length: number;
  /** The lines, where they are kept. */
  readonly lines: readonly string[];
  add(line: string): void;
}

/** Makes an empty trace. `keep` says whether its lines stay in memory, or only their hash. */
export function createTrace(keep: boolean): Trace {
  const lines: string[] = [];
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  let length = 0;
  return {
    get hash() {
      return hex(high) + hex(low);
    },
    get length() {
      return length;
    },
    lines,
    add(line) {
      for (let index = 0; index < line.length; index++) {
        const code = line.charCodeAt(index);
        high = Math.imul(high ^ code, 0x01000193);
        low = Math.imul(low ^ code, 0x85ebca6b) ^ (low >>> 15);
      }
      high = Math.imul(high ^ 10, 0x01000193); // The end of a line counts too.
      low = Math.imul(low ^ high, 0xc2b2ae35) ^ (low >>> 13);
      length++;
      if (keep) lines.push(line);
    },
  };
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

/** Tells a message in a trace: its kind, id, method and size. */
export function describeMessage(message: Message): string {
  if (isControl(message)) return `control ${message.bytes.length} B`;
  const { kind, id, head, bytes, failure } = message;
  const method = head === undefined ? "" : ` ${head.component}.${head.method}`;
  const how = failure === undefined ? "" : ` ${failure.kind}:${failure.reason || failure.code}`;
  return `${kindText(kind)} ${id}${method}${how} ${bytes?.length ?? 0} B`;
}
