import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import {
  createFileRegistry,
  type DescMethod,
  type DescService,
  fromBinary,
  fromJson,
  toJson,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { type Component, type Context, defineComponent, type InstanceHandle, OrreryError } from "@orrery/core";
import { fromConnectError } from "@orrery/http";
import type { ForeignPart } from "./foreign-part.ts";
import { parseHttpMethod } from "./http-call.ts";
import { FOREIGN_INSTANCES } from "./limits.ts";
import { createForeignHttp, type ForeignHttp } from "./system-foreign-http.ts";
import { type ForeignProgram, openForeignProgram } from "./system-foreign-program.ts";
import { RELAYS_VARIABLE, relayPath } from "./system-relay-path.ts";

/** Options of `foreignComponent`. */
export interface ForeignComponentOptions extends ForeignPart {
  /** Name of the service. */
  readonly name: string;
  /** Its contract: a FileDescriptorSet, in base64. */
  readonly descriptors: string;
  /** Folder of the app. */
  readonly folder: string;
}

/** What the instances of one component have together: the program, from the first start to the last stop. */
interface Shared {
  /** By which it is reached where it runs elsewhere, and this in a cage. */
  readonly socketPath: string | undefined;
  readonly http: ForeignHttp;
  users: Set<InstanceHandle>;
  program: Promise<ForeignProgram> | undefined;
}

/** Makes a component of a program that knows nothing of Orrery: what it is sent is handed on, and what that answers is its reply. */
export function foreignComponent(options: ForeignComponentOptions): Component {
  const set = fromBinary(FileDescriptorSetSchema, Buffer.from(options.descriptors, "base64"));
  const service = createFileRegistry(set).getService(options.name);
  if (service === undefined) throw new Error(`Cannot stand for "${options.name}": its contract does not have it`);
  const relays = process.env[RELAYS_VARIABLE];
  const socketPath = relays === undefined || options.url === undefined ? undefined : relayPath(relays, options.url);
  const shared: Shared = { socketPath, http: createForeignHttp(socketPath), users: new Set(), program: undefined };
  const make = (instance: InstanceHandle) => {
    let url = "";
    instance.onStart(async () => {
      shared.users.add(instance);
      url = (await programOf(shared, instance, options)).url;
    });
    const leave = () => leaveProgram(shared, instance);
    instance.onStop(leave);
    instance.onCrash(leave);
    return handlersOf(service, { options, shared, url: () => url });
  };
  return defineComponent(service as never, make as never, { instances: FOREIGN_INSTANCES, reentrant: "flow" });
}

function programOf(
  shared: Shared,
  instance: InstanceHandle,
  options: ForeignComponentOptions,
): Promise<ForeignProgram> {
  shared.program ??= openForeignProgram({
    ...options,
    socketPath: shared.socketPath,
    clock: instance.clock,
    onLost: (why) => {
      shared.program = undefined;
      for (const user of [...shared.users]) user.crash(new Error(why)); // Fresh ones start it again.
    },
  }).catch((error: unknown) => {
    shared.program = undefined;
    throw error;
  });
  return shared.program;
}

async function leaveProgram(shared: Shared, instance: InstanceHandle): Promise<void> {
  shared.users.delete(instance);
  if (shared.users.size > 0) return;
  const program = await shared.program?.catch(() => undefined);
  shared.program = undefined;
  await program?.[Symbol.asyncDispose]();
}

interface Handling {
  readonly options: ForeignComponentOptions;
  readonly shared: Shared;
  readonly url: () => string;
}

function handlersOf(service: DescService, handling: Handling): object {
  const make = handling.options.protocol === "http" ? httpHandler : connectHandler;
  return Object.fromEntries(
    service.methods.flatMap((method) => {
      if (method.methodKind !== "unary" && method.methodKind !== "server_streaming") return [];
      return [[method.localName, make(method, handling)]];
    }),
  );
}

function httpHandler(method: DescMethod, { options, shared, url }: Handling) {
  const said = options.methods[method.name] ?? options.methods[method.localName] ?? `POST /${method.name}`;
  const http = parseHttpMethod(said);
  if (http === undefined) throw new Error(`Cannot call "${method.name}" by "${said}"`); // It was judged.
  const name = `${options.name}/${method.name}`;
  const callOf = (message: unknown, { agent, signal }: Context) => {
    const request = toJson(method.input, message as never) as Readonly<Record<string, unknown>>;
    return { name, method: http, request, agent, signal };
  };
  const replyOf = (json: unknown) => {
    try {
      return fromJson(method.output, json as never, { ignoreUnknownFields: true });
    } catch (cause) {
      const text = `Cannot call "${name}": what its program answered does not fit, ${(cause as Error).message}`;
      throw new OrreryError("internal", text, { cause });
    }
  };
  if (method.methodKind === "unary")
    return async (message: unknown, context: Context) =>
      replyOf(await shared.http.call(url(), callOf(message, context)));
  return async function* (message: unknown, context: Context) {
    for await (const item of shared.http.stream(url(), callOf(message, context))) yield replyOf(item);
  };
}

function connectHandler(method: DescMethod, { options, shared, url }: Handling) {
  let made: { readonly url: string; readonly client: Record<string, (message: unknown, by: object) => unknown> };
  const clientOf = () => {
    if (made?.url === url()) return made.client;
    const transport = transportTo(url(), options.protocol, shared.socketPath);
    made = { url: url(), client: createClient(method.parent, transport) as never };
    return made.client;
  };
  const by = ({ agent, signal }: Context) => ({ signal, headers: { "orrery-agent": agent } });
  if (method.methodKind === "unary")
    return async (message: unknown, context: Context) => {
      try {
        return await clientOf()[method.localName]?.(message, by(context));
      } catch (error) {
        throw error instanceof ConnectError && !context.signal.aborted ? fromConnectError(error) : error;
      }
    };
  return async function* (message: unknown, context: Context) {
    try {
      yield* clientOf()[method.localName]?.(message, by(context)) as AsyncIterable<unknown>;
    } catch (error) {
      throw error instanceof ConnectError && !context.signal.aborted ? fromConnectError(error) : error;
    }
  };
}

function transportTo(baseUrl: string, protocol: ForeignPart["protocol"], socketPath: string | undefined): Transport {
  if (protocol !== "grpc") {
    const by = socketPath === undefined ? {} : { nodeOptions: { socketPath } };
    return createConnectTransport({ baseUrl, httpVersion: "1.1", ...by });
  }
  if (socketPath === undefined) return createGrpcTransport({ baseUrl });
  const { protocol: scheme, hostname: servername } = new URL(baseUrl);
  const createConnection = () =>
    scheme === "https:"
      ? connectTls({ path: socketPath, servername, ALPNProtocols: ["h2"] })
      : connect({ path: socketPath });
  return createGrpcTransport({ baseUrl, nodeOptions: { createConnection } });
}
