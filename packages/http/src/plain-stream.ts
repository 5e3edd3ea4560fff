import { errorToJson } from "@connectrpc/connect/protocol-connect";
import type { ItemStream, Log, StreamOptions } from "@orrery/core";
import { type BodyForm, jsonForm } from "./body-form.ts";
import { withTimeSpent } from "./call-options.ts";
import { toConnectError } from "./connect-error.ts";
import { errorOf } from "./error-reply.ts";
import type { ExposedMethod } from "./exposure.ts";
import { invokeStream } from "./invoke.ts";
import { isConnectClient } from "./protocol.ts";
import type { DoorReply } from "./reply.ts";
import type { DoorRequest } from "./request.ts";
import { type CallDoor, readPlainCall } from "./unary.ts";

/** How items, a good end and a bad one are written for a reader that knows no protocol but HTTP. */
interface Lines {
  readonly contentType: string;
  item(json: string): string;
  end(): string;
  error(json: string): string;
}

const NDJSON: Lines = {
  contentType: "application/x-ndjson",
  item: (json) => `${json}\n`,
  end: () => "",
  error: (json) => `{"error":${json}}\n`,
};

const EVENTS: Lines = {
  contentType: "text/event-stream",
  item: (json) => `data: ${json}\n\n`,
  end: () => "event: end\ndata: {}\n\n",
  error: (json) => `event: error\ndata: ${json}\n\n`,
};

/**
 * Answers a call of mode stream to a reader that knows no protocol but HTTP: newline-delimited JSON, one item a line; or
 * server-sent events, where the request accepts `text/event-stream`. An error before the first item is answered by status; a later
 * one is the last line, `{"error": …}`, or the event `error`; a good end is the end of the body, and the event `end`.
 */
export async function answerPlainStream(
  door: CallDoor & { readonly log: Log },
  exposed: ExposedMethod,
  [request, options]: readonly [DoorRequest, StreamOptions],
): Promise<DoorReply> {
  const call = await readPlainCall(door, exposed, request);
  await door.called(exposed, request, { ...options, message: call.request });
  const items = invokeStream(door.node, exposed, [call.request, withTimeSpent(options, request, door.node.clock)]);
  const first = await items.next(); // Throws what happened before the first item: that still has a status of its own.
  const lines = /\btext\/event-stream\b/i.test(request.headers.get("accept") ?? "") ? EVENTS : NDJSON;
  const ignoreUnknownFields = isConnectClient(request.headers, request.query);
  const form = jsonForm(exposed, { registry: door.registry, ignoreUnknownFields });
  const headers = new Headers({ "content-type": lines.contentType, "cache-control": "no-store" });
  return { status: 200, headers, body: writeLines([first, items], form, { lines, log: door.log }) };
}

async function* writeLines(
  [first, items]: readonly [IteratorResult<unknown, undefined>, ItemStream<unknown>],
  form: BodyForm,
  { lines, log }: { readonly lines: Lines; readonly log: Log },
): AsyncGenerator<Uint8Array> {
  try {
    for (let step = first; step.done !== true; step = await items.next()) {
      yield encoder.encode(lines.item(decoder.decode(form.write(step.value))));
    }
    yield encoder.encode(lines.end());
  } catch (thrown) {
    const error = errorToJson(toConnectError(errorOf(thrown, log)), undefined);
    yield encoder.encode(lines.error(JSON.stringify(error)));
  } finally {
    await items.return();
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
