import {
  type ClientNode,
  createLog,
  discardLog,
  type LogSink,
  OrreryError,
  type Service,
  type StreamOptions,
} from "@orrery/core";
import { type BodyForm, jsonForm } from "./body-form.ts";
import { createCallAnswerer } from "./call-answerer.ts";
import { anonymous } from "./call-options.ts";
import { errorReply } from "./error-reply.ts";
import { createExposure, type ExposedMethod, type Exposure } from "./exposure.ts";
import type { RequestFields } from "./header-fields.ts";
import { invokeStream, invokeUnary } from "./invoke.ts";
import { BODY_BYTES_MAX } from "./limits.ts";
import { createPlainestCalls, isPlainest, type PlainestCall } from "./plainest-calls.ts";
import { protocolOf } from "./protocol.ts";
import { HttpRefusal } from "./refusal.ts";
import { type DoorReply, jsonReply } from "./reply.ts";
import type { DoorRequest } from "./request.ts";

/** One method of a service, by names. */
export interface JsonMethod {
  /** Name of the service. */
  readonly component: string;
  /** As the contract spells it, or in lowerCamelCase. */
  readonly method: string;
}

/** What may be said of one call by name. */
export interface JsonCallOptions extends StreamOptions {
  /** What it goes out through: the context of a message that is handled, so that the call is made on its behalf. Default: the caller's node. */
  readonly via?: JsonCallSource;
}

/** What calls go out through: a node, or the context of a message. */
export type JsonCallSource = Pick<ClientNode, "client" | "send" | "publish">;

/** A request of HTTP to a method, which another server has read. */
export interface ServiceRequest extends JsonMethod {
  /** Of HTTP, in capitals. */
  readonly verb: string;
  /** Without its `?`. */
  readonly query: string;
  readonly headers: RequestFields;
  /** Address of whoever asks. */
  readonly client: string;
  /** Who it is. Default: `anonymous`. */
  readonly agent?: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Ends when whoever asks leaves. */
  readonly signal: AbortSignal;
}

/** What it is answered with. */
export interface ServiceReply extends Omit<DoorReply, "trailer" | "body"> {
  /** As a door has it, or text that is to be sent in UTF-8. Default: empty. */
  readonly body?: DoorReply["body"] | string;
  /** The very same fields come again and again, so that how they are written may be kept. Default: false. */
  readonly isRepeated?: boolean;
}

/** Calls methods by name, with messages as JSON in UTF-8. */
export interface JsonCaller {
  /** Whether it knows the contract of a service. */
  has(component: string): boolean;
  /** Contracts of what it calls. Default: it calls by names alone. */
  readonly services?: readonly Service[];
  /**
   * @returns the reply as JSON; `{}` for a message that was accepted or sent
   * @throws OrreryError `unimplemented` for what is not known or is a stream, `invalid_argument` for a body that does not fit, and as calls do
   */
  call(method: JsonMethod, body: Uint8Array, options?: JsonCallOptions): Promise<Uint8Array>;
  /**
   * Opens a method whose mode is stream; undefined for one of another mode. A caller without it knows no streams.
   * @throws OrreryError `unimplemented` for what is not known, `invalid_argument` for a body that does not fit; the pieces, as streams do
   */
  stream?(method: JsonMethod, body: Uint8Array, options?: StreamOptions): JsonPieces | undefined;
  /**
   * Answers a request by the protocol in which it is made: Connect, gRPC-Web, or plain JSON, streams among them. What
   * is wrong is an answer, too. A caller without it knows no protocols.
   */
  answer?(request: ServiceRequest): Promise<ServiceReply>;
  /**
   * What answers the plainest requests to a method, as `answer` would: those of which `isPlainest` is so. Undefined for a method that is not known,
   * or whose mode is not sync. A caller without it knows none.
   */
  plainest?(method: JsonMethod): PlainestCall | undefined;
}

/** The items of a stream, in their order, as they are asked for. */
export interface JsonPieces {
  /** Lines of JSON, an item each; or, where the contract says bytes, the bytes of all items one after another. */
  readonly contentType: "application/x-ndjson" | "application/octet-stream";
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Options of a caller. */
export interface JsonCallerOptions {
  /** What calls the services, and is named in errors. */
  readonly node: JsonCallSource & Pick<ClientNode, "name" | "clock">;
  /** Contracts of what may be called. */
  readonly services: readonly Service[];
  /** Where log lines of `answer` go. Default: nowhere. */
  readonly log?: LogSink;
}

/** Makes a caller. @throws OrreryError as `createHttpDoor` for contracts */
export function createJsonCaller(input: JsonCallerOptions): JsonCaller {
  const { node, services } = input;
  const exposure = createExposure(services, node.name);
  const find = ({ component, method }: JsonMethod) => {
    try {
      return exposure.find(`/${component}/${method}`);
    } catch (thrown) {
      throw thrown instanceof HttpRefusal ? thrown.error : thrown;
    }
  };
  const formOf = (exposed: ExposedMethod) =>
    jsonForm(exposed, { registry: exposure.registry, ignoreUnknownFields: false });
  const names = new Set(exposure.contracts.map(({ name }) => name));
  return {
    has: (component) => names.has(component),
    services,
    call: async (named, body, { via = node, ...options } = {}) => {
      const exposed = find(named);
      if (exposed.method.mode === "stream")
        throw new OrreryError("unimplemented", `Cannot call "${exposed.name}" with one reply: its mode is stream`);
      const form = formOf(exposed);
      const reply = await invokeUnary(via, exposed, [form.read(body), options]);
      return exposed.method.mode === "sync" ? form.write(reply) : new TextEncoder().encode("{}");
    },
    stream: (named, body, options = {}) => {
      const exposed = find(named);
      if (exposed.method.mode !== "stream") return undefined;
      const form = formOf(exposed);
      const items = invokeStream(node, exposed, [form.read(body), options]);
      const isBytes = exposed.method.reply.contentType === "application/octet-stream";
      return isBytes
        ? { contentType: "application/octet-stream", pieces: items as AsyncIterable<Uint8Array> }
        : { contentType: "application/x-ndjson", pieces: linesOf(items, form) };
    },
    ...createAnswers(input, exposure),
  };
}

function createAnswers(
  { node, log: sink = discardLog }: JsonCallerOptions,
  exposure: Exposure,
): Required<Pick<JsonCaller, "answer" | "plainest">> {
  const log = createLog({ sink, now: () => node.clock.now(), fields: { node: node.name } });
  /** Whoever asks by a request that is under way, by its header. */
  const agents = new WeakMap<object, string>();
  const authenticate = (headers: object) => agents.get(headers) ?? anonymous();
  const answerCall = createCallAnswerer({
    ...{ node, log, exposure, bodyBytesMax: BODY_BYTES_MAX, authenticate },
    isAllowedSite: () => false,
    called: async () => {},
  });
  const failed = (thrown: unknown, headers: RequestFields) => errorReply(thrown, headers, log);
  const plainest = createPlainestCalls({ node, exposure, failed });
  return {
    answer: async (request) => {
      const { verb, headers, agent, body, signal } = request;
      try {
        const call = isPlainest(verb, headers) ? plainest.get(pathOf(request)) : undefined;
        if (call !== undefined) return await call(body, headers, { agent: agent ?? "anonymous", signal });
        if (protocolOf(headers) === "grpc") return noGrpc();
        if (agent !== undefined) agents.set(headers, agent);
        return await answerCall(doorRequestOf(request, node.clock.monotonic()));
      } catch (thrown) {
        return failed(thrown, headers);
      }
    },
    plainest: (method) => plainest.get(pathOf(method)),
  };
}

function pathOf({ component, method }: JsonMethod): string {
  return `/${component}/${method}`;
}

/** A request as a door would have read it. */
function doorRequestOf(request: ServiceRequest, startedMs: number): DoorRequest {
  const { verb, query, headers, body, client, signal } = request;
  return {
    ...{ method: verb, path: pathOf(request), httpVersion: "1.1", headers },
    query: query === "" ? NO_QUERY : new URLSearchParams(query),
    ...{ remoteAddress: client, connection: undefined, startedMs, signal },
    readBody: async () => body,
  };
}

const NO_QUERY = new URLSearchParams();

function noGrpc(): ServiceReply {
  const message = "Cannot answer gRPC here, whose status comes in trailers: use Connect or gRPC-Web";
  return jsonReply(415, { code: "unimplemented", message });
}

async function* linesOf(items: AsyncIterable<unknown>, form: BodyForm): AsyncGenerator<Uint8Array> {
  for await (const item of items) yield Buffer.concat([form.write(item), LINE_END]);
}

const LINE_END = new Uint8Array([10]);
