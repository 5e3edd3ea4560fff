import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import type { DescService } from "@bufbuild/protobuf";
import { ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type Client, isOrreryError, OrreryError, type Service } from "@orrery/core";
import { fromConnectError } from "./connect-error.ts";

/** Options of a client over HTTP. */
export interface HttpClientOptions {
  /** Address of the door, such as `https://orrery.test`. */
  readonly url: string;
  /**
   * Asked before each call for its header `authorization`, and once more, with what was said, where that was refused: another one is tried then.
   * Nothing: the call is anonymous. Default: nothing.
   */
  readonly authorization?: (refused: string | undefined, call: HttpCall) => Promise<string | undefined>;
}

/** The call that a header is for. */
export interface HttpCall {
  /** Of the method, such as `/orrery.market.v1.ProviderService/Deploy`. */
  readonly path: string;
}

/** Calls services behind an HTTP door. */
export interface HttpClient {
  /** @throws OrreryError `invalid_argument` for a contract of schemas */
  client<S extends Service>(service: S): Client<S>;
  /** Closes its connections. */
  close(): void;
}

/**
 * Makes a client; it opens connections when it is used. Of the options of calls it knows `timeoutMs` and `signal`. What goes wrong is thrown as
 * the `OrreryError` that the door was given; what nobody answers is `unreachable`.
 * @throws OrreryError `invalid_argument` for what is no URL of HTTP
 */
export function createHttpClient({ url, authorization }: HttpClientOptions): HttpClient {
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url))
    throw new OrreryError(
      "invalid_argument",
      `Cannot call "${url}": it is no URL of HTTP, write one such as https://host`,
    );
  const agent = url.startsWith("https:") ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1", nodeOptions: { agent } });
  const callerOf = (path: string): Caller => ({
    url,
    authorization: async (refused) => authorization?.(refused, { path }),
  });
  return {
    client: <S extends Service>(service: S) => facadeOf(service, { transport, callerOf }) as unknown as Client<S>,
    close: () => agent.destroy(),
  };
}

interface Caller {
  readonly url: string;
  readonly authorization: (refused?: string) => Promise<string | undefined>;
}

interface Options {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

type Method = (request: unknown, options: object) => unknown;

function facadeOf(
  service: Service,
  { transport, callerOf }: { transport: Transport; callerOf: (path: string) => Caller },
): object {
  const contract = service as unknown as DescService;
  if (contract.kind !== "service")
    throw new OrreryError("invalid_argument", "Cannot call a service of schemas over HTTP: use one of protobuf");
  const methods = createClient(contract, transport) as unknown as Readonly<Record<string, Method>>;
  const facade = contract.methods.map(({ localName, name, methodKind }) => {
    const method = methods[localName] as Method;
    const caller = callerOf(`/${contract.typeName}/${name}`);
    return [localName, methodKind === "server_streaming" ? streaming(method, caller) : unary(method, caller)] as const;
  });
  return Object.fromEntries(facade);
}

function unary(method: Method, caller: Caller) {
  return async (request: unknown, options: Options = {}) => {
    const said = await caller.authorization();
    try {
      return await method(request, optionsOf(options, said));
    } catch (thrown) {
      const other = await again(thrown, { said, caller });
      return await Promise.resolve(method(request, optionsOf(options, other))).catch((last: unknown) => {
        throw told(last, caller.url);
      });
    }
  };
}

function streaming(method: Method, caller: Caller) {
  return async function* (request: unknown, options: Options = {}): AsyncGenerator<unknown, undefined> {
    const said = await caller.authorization();
    let hasBegun = false;
    try {
      for await (const item of itemsOf(method, request, { options, said })) {
        hasBegun = true;
        yield item;
      }
      return;
    } catch (thrown) {
      if (hasBegun) throw told(thrown, caller.url);
      const other = await again(thrown, { said, caller });
      try {
        yield* itemsOf(method, request, { options, said: other });
      } catch (last) {
        throw told(last, caller.url);
      }
    }
  };
}

/** The items of a stream. One that is left before its end is given up at once: Connect goes on with it until its time is over. */
async function* itemsOf(
  method: Method,
  request: unknown,
  { options, said }: { readonly options: Options; readonly said: string | undefined },
): AsyncGenerator<unknown, undefined> {
  const left = new AbortController();
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal]);
  const stream = method(request, optionsOf({ ...options, signal }, said)) as AsyncIterable<unknown>;
  const items = stream[Symbol.asyncIterator]();
  try {
    for (let item = await items.next(); item.done !== true; item = await items.next()) yield item.value;
    return;
  } finally {
    left.abort();
    items.next().catch(() => undefined); // Where it looks at the signal, and lets its timer go.
  }
}

/** What is said instead of a word that was refused. @throws unknown the refusal, where there is nothing else to say */
async function again(thrown: unknown, { said, caller }: { said: string | undefined; caller: Caller }): Promise<string> {
  const error = told(thrown, caller.url);
  const isRefused = said !== undefined && isOrreryError(error) && error.code === "unauthenticated";
  const other = isRefused ? await caller.authorization(said) : undefined;
  if (other === undefined || other === said) throw error;
  return other;
}

function optionsOf({ timeoutMs, signal }: Options, said: string | undefined): object {
  return {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(signal !== undefined && { signal }),
    ...(said !== undefined && { headers: { authorization: said } }),
  };
}

/** What is told where no door answers, or something else than a door. */
const NO_DOOR: ReadonlySet<string> = new Set(["unavailable", "internal", "unknown", "unimplemented"]);

/** What the door said, else what happened on the way to it. */
function told(thrown: unknown, url: string): unknown {
  if (!(thrown instanceof ConnectError)) return thrown;
  const found = fromConnectError(thrown);
  if (thrown.details.length > 0) return found;
  const facts = { definite: false, cause: thrown };
  if (found.code === "deadline_exceeded")
    return new OrreryError(found.code, `Cannot wait for "${url}": the time for the call is over`, {
      kind: "timeout",
      ...facts,
    });
  if (found.code === "canceled")
    return new OrreryError(found.code, `Cannot finish the call of "${url}": it was given up`, {
      kind: "cancelled",
      ...facts,
    });
  if (!NO_DOOR.has(found.code)) return found;
  const text = `Cannot call "${url}": no door of Orrery answers there (${thrown.rawMessage})`;
  return new OrreryError("unavailable", text, { kind: "unreachable", ...facts });
}
