import { type ClientNode, OrreryError, type Service, type StreamOptions } from "@orrery/core";
import { type BodyForm, jsonForm } from "./body-form.ts";
import { createExposure, type ExposedMethod } from "./exposure.ts";
import { invokeStream, invokeUnary } from "./invoke.ts";
import { HttpRefusal } from "./refusal.ts";

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

/** Calls methods by name, with messages as JSON in UTF-8. */
export interface JsonCaller {
  /** Whether it knows the contract of a service. */
  has(component: string): boolean;
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
}

/** The items of a stream, in their order, as they are asked for. */
export interface JsonPieces {
  /** Lines of JSON, an item each; or, where the contract says bytes, the bytes of all items one after another. */
  readonly contentType: "application/x-ndjson" | "application/octet-stream";
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Options of a caller. */
export interface JsonCallerOptions {
  /** What calls the services. */
  readonly node: ClientNode;
  /** Contracts of what may be called. */
  readonly services: readonly Service[];
}

/** Makes a caller. @throws OrreryError as `createHttpDoor` for contracts */
export function createJsonCaller({ node, services }: JsonCallerOptions): JsonCaller {
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
  };
}

async function* linesOf(items: AsyncIterable<unknown>, form: BodyForm): AsyncGenerator<Uint8Array> {
  for await (const item of items) yield Buffer.concat([form.write(item), LINE_END]);
}

const LINE_END = new Uint8Array([10]);
