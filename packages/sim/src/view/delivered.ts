import type { TraceRecord } from "../trace/trace.ts";
import type { Recording } from "./recording.ts";

/** The message that a line is of. */
export interface MessageOfRecord {
  /** Its name, or empty. */
  readonly message: string;
  /** `node/id`, or empty. */
  readonly flow: string;
}

/** Steps of deliveries that go the way of the message that they name, not back. */
const ONWARD: ReadonlySet<string> = new Set(["cancel", "stream-credit"]);

/** Says of each line which message and flow it is of; an answer names neither, and has those of what it answers. */
export function messagesOfRecords({ records }: Recording): readonly MessageOfRecord[] {
  const latest = new Map<string, MessageOfRecord>();
  return records.map((record): MessageOfRecord => {
    const { flow, what, from } = record;
    const message = what?.message ?? "";
    if (!message.startsWith("#")) {
      const found = { message, flow };
      const sender = record.kind === "delivery" ? from : record.node;
      const isSent = record.kind === "delivery" || what?.step === "queued";
      if (message !== "" && isSent) latest.set(sender + message.slice(message.lastIndexOf("#")), found);
      return found;
    }
    for (const asker of askersOf(record)) {
      const found = latest.get(asker + message);
      if (found !== undefined) return found;
    }
    return { message: "", flow };
  });
}

/** Who may have sent the message that an answer, or what follows it, is of; the likeliest first. */
function askersOf({ node, from, what, kind }: TraceRecord): readonly string[] {
  const [sender, receiver] = kind === "lost" ? [node, what?.to ?? ""] : [from, node];
  return ONWARD.has(what?.step ?? "") ? [sender, receiver] : [receiver, sender];
}
