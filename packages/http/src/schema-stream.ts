import { encodeEnvelope } from "@connectrpc/connect/protocol";
import type { Log, StreamOptions } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import { type BodyForm, jsonForm } from "./body-form.ts";
import { withTimeSpent } from "./call-options.ts";
import { toConnectError } from "./connect-error.ts";
import { unpack } from "./encoding.ts";
import { endOfStream, errorOf } from "./error-reply.ts";
import type { ExposedMethod } from "./exposure.ts";
import { invokeStream } from "./invoke.ts";
import type { DoorReply } from "./reply.ts";
import type { DoorRequest } from "./request.ts";
import type { CallDoor } from "./unary.ts";

/** Bytes before the data of an envelope: its flags, and the data's length. */
const HEAD_BYTES = 5;
const COMPRESSED_FLAG = 1;

/**
 * Answers a call of mode stream of a schema contract in the streaming form of the Connect protocol with JSON: one envelope in, one for
 * each item out, and one that tells how it ended.
 */
export async function answerSchemaStream(
  door: CallDoor & { readonly log: Log },
  exposed: ExposedMethod,
  [request, options]: readonly [DoorRequest, StreamOptions],
): Promise<DoorReply> {
  const form = jsonForm(exposed, { registry: door.registry, ignoreUnknownFields: true });
  const value = form.read(await readEnvelope(door, exposed, request));
  await door.called(exposed, request, { ...options, message: value });
  const items = invokeStream(door.node, exposed, [value, withTimeSpent(options, request, door.node.clock)]);
  const headers = new Headers({ "content-type": "application/connect+json" });
  return { status: 200, headers, body: writeEnvelopes(items, form, door.log) };
}

async function* writeEnvelopes(items: AsyncIterable<unknown>, form: BodyForm, log: Log): AsyncGenerator<Uint8Array> {
  try {
    for await (const item of items) yield encodeEnvelope(0, form.write(item));
  } catch (thrown) {
    yield endOfStream(toConnectError(errorOf(thrown, log)));
    return;
  }
  yield endOfStream();
}

async function readEnvelope(door: CallDoor, { name }: ExposedMethod, request: DoorRequest): Promise<Uint8Array> {
  const body = await request.readBody();
  const refuse = (why: string) => failure("malformed", `Cannot read the body of "${name}": ${why}`);
  if (body.length < HEAD_BYTES) throw refuse(`it has ${body.length} bytes, an envelope has at least ${HEAD_BYTES}`);
  const length = new DataView(body.buffer, body.byteOffset).getUint32(1);
  const data = body.subarray(HEAD_BYTES);
  if (length !== data.length) throw refuse(`its envelope says ${length} bytes and has ${data.length}`);
  const isCompressed = ((body[0] ?? 0) & COMPRESSED_FLAG) !== 0;
  const encoding = request.headers.get("connect-content-encoding")?.toLowerCase() ?? "";
  return unpack(data, isCompressed ? encoding : "", door.bodyBytesMax);
}
