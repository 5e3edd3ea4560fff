import { create, type DescService } from "@bufbuild/protobuf";
import {
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type ServiceImpl,
} from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import type { Log, StreamOptions } from "@orrery/core";
import { withTimeSpent } from "./call-options.ts";
import { toConnectError } from "./connect-error.ts";
import { errorOf } from "./error-reply.ts";
import type { ExposedMethod, Exposure } from "./exposure.ts";
import { respellGrpcMessage } from "./grpc-message.ts";
import { invokeStream, invokeUnary } from "./invoke.ts";
import type { DoorReply } from "./reply.ts";
import type { DoorRequest } from "./request.ts";
import type { CallDoor } from "./unary.ts";

/** What a request's header said, on its way to the implementation. */
interface CallContext {
  readonly request: DoorRequest;
  readonly options: StreamOptions;
}

const CALL = createContextKey<CallContext | undefined>(undefined);

/** Answers calls of protobuf services in the protocols that Connect's library speaks: gRPC, gRPC-Web, and Connect's streams. */
export type LibraryHandler = (
  exposed: ExposedMethod,
  call: readonly [DoorRequest, StreamOptions],
) => Promise<DoorReply>;

/** Header fields that tell the time allowed: the node keeps it, and its errors say more than the library's. */
const TIMEOUTS = ["connect-timeout-ms", "grpc-timeout"];

/** Makes a handler over the library's own handlers, one for each method. */
export function createLibraryHandler(door: CallDoor & { readonly log: Log }, exposure: Exposure): LibraryHandler {
  const router = createConnectRouter({
    acceptCompression: [compressionGzip, compressionBrotli],
    readMaxBytes: door.bodyBytesMax,
    jsonOptions: { registry: exposure.registry },
  });
  for (const { source } of exposure.contracts) {
    if (source.kind === "protobuf") router.service(source.service, implementationOf(door, exposure, source.service));
  }
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return async (exposed, [request, options]) => {
    const handler = handlers.get(exposed.path);
    if (handler === undefined) throw new TypeError(`"${exposed.name}" is not of protobuf`);
    return answerBy(handler, request, options);
  };
}

async function answerBy(handler: UniversalHandler, request: DoorRequest, options: StreamOptions): Promise<DoorReply> {
  const header = new Headers([...request.headers] as [string, string][]);
  for (const name of TIMEOUTS) header.delete(name);
  const body = await request.readBody();
  const response = await handler({
    httpVersion: request.httpVersion,
    method: request.method,
    url: `http://door${request.path}`,
    header,
    body: once(body),
    signal: request.signal,
    contextValues: createContextValues().set(CALL, { request, options }),
  });
  return replyOf(response);
}

function replyOf({ status, header, body, trailer }: UniversalServerResponse): DoorReply {
  const headers = new Headers(header);
  if (trailer === undefined) return body === undefined ? { status, headers } : { status, headers, body };
  return { status, headers, body: untilTrailer(body ?? none(), trailer), trailer };
}

async function* untilTrailer(body: AsyncIterable<Uint8Array>, trailer: Headers): AsyncGenerator<Uint8Array> {
  yield* body;
  respellGrpcMessage(trailer);
}

async function* none(): AsyncGenerator<never> {}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

function implementationOf(
  door: CallDoor & { readonly log: Log },
  exposure: Exposure,
  service: DescService,
): Partial<ServiceImpl<DescService>> {
  const methods: Record<string, (request: unknown, context: HandlerContext) => unknown> = {};
  for (const exposed of exposure.methods) {
    if (exposed.desc?.parent !== service) continue;
    const { output } = exposed.desc;
    methods[exposed.method.localName] =
      exposed.method.mode === "stream"
        ? (message, context) => streamOf(door, exposed, [message, context])
        : async (message, context) => (await unaryOf(door, exposed, [message, context])) ?? create(output);
  }
  return methods as unknown as Partial<ServiceImpl<DescService>>; // The library knows their types only by code.
}

async function unaryOf(
  door: CallDoor & { readonly log: Log },
  exposed: ExposedMethod,
  [message, context]: readonly [unknown, HandlerContext],
): Promise<unknown> {
  try {
    await tell(door, exposed, [message, context]);
    return await invokeUnary(door.node, exposed, [message, optionsOf(door, context)]);
  } catch (thrown) {
    throw toConnectError(errorOf(thrown, door.log));
  }
}

async function* streamOf(
  door: CallDoor & { readonly log: Log },
  exposed: ExposedMethod,
  [message, context]: readonly [unknown, HandlerContext],
): AsyncGenerator<unknown> {
  try {
    await tell(door, exposed, [message, context]);
    yield* invokeStream(door.node, exposed, [message, optionsOf(door, context)]);
  } catch (thrown) {
    throw toConnectError(errorOf(thrown, door.log));
  }
}

async function tell(
  door: CallDoor,
  exposed: ExposedMethod,
  [message, context]: readonly [unknown, HandlerContext],
): Promise<void> {
  const call = context.values.get(CALL);
  if (call !== undefined) await door.called(exposed, call.request, { ...call.options, message });
}

function optionsOf(door: CallDoor, context: HandlerContext): StreamOptions {
  const call = context.values.get(CALL);
  return call === undefined ? {} : withTimeSpent(call.options, call.request, door.node.clock);
}
