import { type Component, type Context, defineComponent, defineService, json, OrreryError } from "@orrery/core";
import { guardDriver, type Meter, parseAddress, type Registry } from "@orrery/registry";
import { lastPart } from "@orrery/registry/service";
import { jsonOfGuest, jsonToGuest } from "./guest-json.ts";
import { MESSAGE_TIMEOUT_MS, MESSAGES_SENT_AT_ONCE } from "./limits.ts";
import type { MechtronHost } from "./mechtron-host.ts";
import { MECHTRON_DRIVER } from "./mechtron-kind.ts";

/** How mechtrons are sent messages: `method` is one of the service of the mechtron's name, or `SERVICE/METHOD`. */
const MechtronMessages = defineService(MECHTRON_DRIVER, {
  send: {
    request: json<{ readonly address: string; readonly method: string; readonly message?: unknown }>(),
    reply: json<unknown>(),
  },
});

/** Options of `createMechtronMessages`. */
export interface MechtronMessagesOptions {
  /** What mechtrons there are, and who may execute them. */
  readonly registry: Pick<Registry, "get" | "can">;
  /** An operator. */
  readonly agent: string;
  /** What runs mechtrons; undefined as long as nothing does. */
  readonly host: () => Pick<MechtronHost, "ask"> | undefined;
  /** Counts the bytes of messages and of their replies, for the mechtron; how many there are counts its host. Default: nobody does. */
  readonly meter?: Pick<Meter, "count">;
}

/** Makes the component by which mechtrons take messages, from whoever may `execute` the mechtron. It is told who, and acts with its own rights. */
export function createMechtronMessages({ registry, agent, host, meter }: MechtronMessagesOptions): Component {
  const send = async ({ address, method: text, message }: Sent, context: Context) => {
    const { kind } = await registry.get(address, { agent });
    const failing = `Cannot send "${text}" to "${address}"`;
    if (kind !== "Mechtron") throw new OrreryError("failed_precondition", `${failing}: it is a ${kind}, no Mechtron`);
    const request = jsonToGuest(text, message, lastPart(parseAddress(address)));
    const running = host();
    if (running === undefined) throw new OrreryError("unavailable", `${failing}: no mechtrons run here yet, try again`);
    const left = context.deadline === 0 ? MESSAGE_TIMEOUT_MS : context.deadline - context.clock.monotonic();
    const timeoutMs = Math.max(1, Math.floor(left));
    meter?.count(address, { networkIn: request.body.length });
    const reply = await running.ask(address, request, { agent: context.agent, timeoutMs });
    meter?.count(address, { networkOut: reply.body.length });
    return jsonOfGuest(address, reply);
  };
  const component = defineComponent(MechtronMessages, () => ({ send }), { instances: MESSAGES_SENT_AT_ONCE });
  return guardDriver(component, { can: (question) => registry.can(question, { agent }) });
}

interface Sent {
  readonly address: string;
  readonly method: string;
  readonly message?: unknown;
}
