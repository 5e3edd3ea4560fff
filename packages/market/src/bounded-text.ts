import type { Readable } from "node:stream";

/** All that a stream says, as text; undefined for more letters than may be, of which no more are taken. */
export async function boundedText(stream: Readable, lettersMax: number): Promise<string | undefined> {
  let said = "";
  for await (const piece of stream.setEncoding("utf8") as AsyncIterable<string>) {
    said += piece;
    if (said.length > lettersMax) return undefined;
  }
  return said;
}
