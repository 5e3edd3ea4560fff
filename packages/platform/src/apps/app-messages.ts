import { type Component, defineComponent, defineService, type Handlers, json, OrreryError } from "@orrery/core";
import { guardDriver, type Meter, type Registry } from "@orrery/registry";
import { MESSAGES_SENT_AT_ONCE } from "../mechtrons/limits.ts";
import { APP_DRIVER } from "./app-kind.ts";
import type { AppRuntime } from "./app-runtime.ts";
import { timeLeft } from "./message-component.ts";

/** How apps are sent messages: `method` names one of a component of the app. */
const AppMessages = defineService(APP_DRIVER, {
  send: {
    request: json<{ readonly address: string; readonly method: string; readonly message?: unknown }>(),
    reply: json<unknown>(),
  },
});

/** Options of `createAppMessages`. */
export interface AppMessagesOptions {
  /** What apps there are, and who may execute them. */
  readonly registry: Pick<Registry, "get" | "can">;
  /** An operator. */
  readonly agent: string;
  /** What runs apps; undefined as long as none does. */
  readonly runtime: () => Pick<AppRuntime, "stand"> | undefined;
  /** Counts messages, and the bytes of them and of their replies, for the app. Default: nobody does. */
  readonly meter?: Pick<Meter, "count">;
}

/** Makes the component by which apps take messages, from whoever may `execute` the app. The app acts with its own rights. */
export function createAppMessages({ registry, agent, runtime, meter }: AppMessagesOptions): Component {
  const handlers: Handlers<typeof AppMessages> = {
    send: async ({ address, method: text, message }, context) => {
      const { kind, status } = await registry.get(address, { agent });
      const failing = `Cannot send "${text}" to "${address}"`;
      if (kind !== "App") throw new OrreryError("failed_precondition", `${failing}: it is a ${kind}, no App`);
      const slash = text.lastIndexOf("/");
      if (slash < 1 || slash === text.length - 1)
        throw new OrreryError("invalid_argument", `${failing}: name a method of a component, as in demo.greeter/greet`);
      const [component, method] = [text.slice(0, slash), text.slice(slash + 1)];
      const caller = runtime()?.stand(address).caller;
      if (caller === undefined)
        throw new OrreryError("unavailable", `${failing}: the app takes no calls, it is ${status.state}`);
      if (!caller.has(component))
        throw new OrreryError("not_found", `${failing}: the app has no service "${component}"`);
      const body = new TextEncoder().encode(JSON.stringify(message ?? {}));
      const { signal } = context;
      meter?.count(address, { messages: 1, networkIn: body.length });
      const reply = await caller.call({ component, method }, body, {
        ...{ signal, agent: context.agent, timeoutMs: timeLeft(context) },
      });
      meter?.count(address, { networkOut: reply.length });
      return JSON.parse(new TextDecoder().decode(reply)) as unknown;
    },
  };
  const component = defineComponent(AppMessages, () => handlers, { instances: MESSAGES_SENT_AT_ONCE });
  return guardDriver(component, { can: (question) => registry.can(question, { agent }) });
}
