import { type Component, type Context, defineComponent, type JsonValue, OrreryError } from "@orrery/core";
import type { JsonCaller } from "@orrery/http";
import { type Broadcasts, parentText, parseAddress, printAddress, type Registry } from "@orrery/registry";
import { lastPart, MessageService } from "@orrery/registry/service";
import type { CallChains } from "../mechtrons/call-chains.ts";
import { jsonOfGuest, jsonToGuest } from "../mechtrons/guest-json.ts";
import type { MechtronHost } from "../mechtrons/mechtron-host.ts";
import { MESSAGE_INSTANCES, MESSAGE_LONGEST_MS } from "./limits.ts";

/** Options of `createMessageComponent`. */
export interface MessageComponentOptions {
  /** The app in whose name messages go out. */
  readonly app: string;
  readonly registry: Pick<Registry, "get" | "can">;
  readonly broadcasts: Pick<Broadcasts, "send">;
  readonly ask: MechtronHost["ask"];
  /** What calls the components of an app; undefined while it takes no calls. */
  readonly callerOf: (app: string) => JsonCaller | undefined;
  readonly chains: Pick<CallChains, "of">;
  /** Looks up kinds and rights, an operator. */
  readonly agent: string;
}

/** A message, its address whole. */
interface Sent {
  readonly address: string;
  readonly method: string;
  readonly message: unknown;
}

/** Makes the component by which the components of one app send messages to what has an address, in the name of the app. */
export function createMessageComponent(options: MessageComponentOptions): Component {
  return defineComponent(
    MessageService,
    () => ({
      send: async ({ address: said, method, message }, context) => {
        const { app } = options;
        const text = said.includes(":") ? said : `${app}:${said}`;
        const address = printAddress(parseAddress(text, { base: parseAddress(parentText(app)) }));
        return await send({ address, method, message }, context, options);
      },
    }),
    { instances: MESSAGE_INSTANCES, reentrant: "flow" },
  );
}

async function send(sent: Sent, context: Context, options: MessageComponentOptions): Promise<unknown> {
  const { registry, agent, app, broadcasts } = options;
  const { address, method } = sent;
  if (address !== app && parentText(address) !== app) {
    const { allowed, why } = await registry.can({ agent: app, verb: "execute", address }, { agent });
    if (!allowed)
      throw new OrreryError("permission_denied", `Cannot send "${method}" to "${address}" as "${app}": ${why}`);
  }
  const { kind } = await registry.get(address, { agent });
  switch (kind) {
    case "Mechtron":
      return await askMechtron(sent, context, options);
    case "App":
      return await callApp(sent, context, options);
    case "Broadcast":
      return await broadcasts.send({ ...sent, message: sent.message as JsonValue }, { agent: app });
    default:
      throw new OrreryError(
        "failed_precondition",
        `Cannot send "${method}" to "${address}": it is a ${kind}, apps send to an App, a Broadcast or a Mechtron`,
      );
  }
}

async function askMechtron(
  { address, method, message }: Sent,
  context: Context,
  { app, ask, chains }: MessageComponentOptions,
): Promise<unknown> {
  const reply = await ask(address, jsonToGuest(method, message, lastPart(parseAddress(address))), {
    ...{ agent: app, timeoutMs: timeLeft(context), chain: chains.of(context.flow) },
    ...{ via: { app, node: context }, cause: context },
  });
  return jsonOfGuest(address, reply);
}

/** Time that is left for a message, in ms. */
export function timeLeft({ deadline, clock }: Pick<Context, "deadline" | "clock">): number {
  return deadline === 0 ? MESSAGE_LONGEST_MS : Math.max(1, Math.floor(deadline - clock.monotonic()));
}

async function callApp(
  { address, method: text, message }: Sent,
  context: Context,
  { app, callerOf }: MessageComponentOptions,
): Promise<unknown> {
  const failing = `Cannot send "${text}" to "${address}"`;
  const slash = text.lastIndexOf("/");
  if (slash < 1)
    throw new OrreryError("invalid_argument", `${failing}: name a method of a component, as in demo.greeter/greet`);
  const [component, method] = [text.slice(0, slash), text.slice(slash + 1)];
  const caller = callerOf(address);
  if (caller === undefined) throw new OrreryError("unavailable", `${failing}: the app takes no calls`);
  if (!caller.has(component)) throw new OrreryError("not_found", `${failing}: the app has no service "${component}"`);
  const body = new TextEncoder().encode(JSON.stringify(message ?? {}));
  const { signal } = context;
  const via = address === app ? { via: context } : {};
  const reply = await caller.call({ component, method }, body, { signal, agent: app, ...via });
  return JSON.parse(new TextDecoder().decode(reply)) as unknown;
}
