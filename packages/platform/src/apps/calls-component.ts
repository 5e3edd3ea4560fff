import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { type Component, type Context, defineComponent, defineService, json, OrreryError } from "@orrery/core";
import { type Meter, parentText, type Registry, spaceOf, spacePlanOf } from "@orrery/registry";
import { BroadcastService } from "@orrery/registry/service";
import { CallsService, type Invocation } from "../gen/orrery/apps/v1/calls_pb.ts";
import type { MechtronHost } from "../mechtrons/mechtron-host.ts";
import { MECHTRON_DRIVER } from "../mechtrons/mechtron-kind.ts";
import type { SpaceRates } from "../quotas/space-rates.ts";
import type { AppCallee } from "./app-callee.ts";
import { APP_DRIVER } from "./app-kind.ts";
import type { AppRuntime } from "./app-runtime.ts";
import { createCallSlots } from "./call-slots.ts";
import { appServices, mechtronServices } from "./callable-services.ts";
import { CALLS_AT_ONCE, CALLS_OF_SPACE_AT_ONCE } from "./limits.ts";
import { createMechtronCallee } from "./mechtron-callee.ts";

/** Options of `createCallsComponent`. */
export interface CallsComponentOptions {
  /** What there is, and who may execute it. */
  readonly registry: Pick<Registry, "can" | "get" | "kinds">;
  /** An operator. */
  readonly agent: string;
  /** What runs apps; undefined as long as none does. */
  readonly runtime: () => Pick<AppRuntime, "apps" | "stand"> | undefined;
  /** What runs mechtrons; undefined as long as nothing does. */
  readonly host: () => Pick<MechtronHost, "ask"> | undefined;
  /** Holds Spaces to the rates of their plans. Default: nothing does. */
  readonly rates?: SpaceRates;
  /** Counts calls, and the bytes of them and of their replies, for the app. Default: nobody does. */
  readonly meter?: Pick<Meter, "count">;
}

/**
 * Makes the component by which whoever may `execute` an app or a mechtron calls its services, and sends messages to resources:
 * `orrery.apps.v1.CallsService`. A Space may have so many calls under way that others are not kept from theirs.
 */
export function createCallsComponent(options: CallsComponentOptions): Component {
  const { registry, agent: operator, meter } = options;
  const slots = createCallSlots(CALLS_OF_SPACE_AT_ONCE);
  const assertMay = async (address: string, { agent }: Context) => {
    const decision = await registry.can({ agent, verb: "execute", address }, { agent: operator });
    if (!decision.allowed) throw refusal(address, { agent, why: decision.why });
  };
  /** A call is a request of its Space, wherever it comes in. */
  const assertRate = async (address: string) => {
    const space = spaceOf(address);
    const plan = spacePlanOf(await registry.get(space, { agent: operator }));
    const refused = options.rates?.take(space, plan, `call "${address}"`);
    if (refused !== undefined) throw refused.error;
  };
  const enter = async (address: string, call: Invocation | undefined, context: Context) => {
    await assertMay(address, context);
    await assertRate(address);
    const callee = calleeOf(address, options);
    const { service = "", method = "", body = new Uint8Array(0) } = call ?? {};
    meter?.count(address, { messages: 1, networkIn: body.length });
    return { callee, invocation: { service, method, body }, sent: optionsOf(call, context), slot: slots.take(address) };
  };
  const factory = () => ({
    listServices: async ({ space }: { readonly space: string }, { agent }: Context) => {
      const services = await callable(space === "" ? agent : space, { ...options, asking: agent });
      return { services };
    },
    call: async ({ address, call }: Named, context: Context) => {
      const { callee, invocation, sent, slot } = await enter(address, call, context);
      using _ = slot;
      const body = await callee.call(invocation, sent);
      meter?.count(address, { networkOut: body.length });
      return { body };
    },
    stream: async function* ({ address, call }: Named, context: Context) {
      const { callee, invocation, sent, slot } = await enter(address, call, context);
      using _ = slot;
      for await (const body of callee.stream(invocation, sent)) {
        meter?.count(address, { networkOut: body.length });
        yield { body };
      }
    },
    send: async ({ address, method, message }: Sent, context: Context) => {
      await assertMay(address, context);
      await assertRate(address);
      using _ = slots.take(address);
      const { kind } = await registry.get(address, { agent: operator });
      const driver = registry.kinds().find(({ name }) => name === kind)?.data.driver ?? "";
      const said = message.length === 0 ? undefined : parse(new TextDecoder().decode(message), { address, method });
      if (!DRIVERS.has(driver)) throw new OrreryError("failed_precondition", whyNot({ address, method, kind, driver }));
      const reply = await pass(driver, { address, method, message: said }, context);
      return { reply: new TextEncoder().encode(JSON.stringify(reply ?? {})) };
    },
  });
  return defineComponent(CallsService, factory, { instances: CALLS_AT_ONCE });
}

/** Components of the same node that take messages to resources, as `send` of address, method and message. */
const DRIVERS: ReadonlySet<string> = new Set([APP_DRIVER, MECHTRON_DRIVER, BroadcastService.typeName]);

interface Named {
  readonly address: string;
  readonly call?: Invocation | undefined;
}

interface Sent {
  readonly address: string;
  readonly method: string;
  readonly message: Uint8Array;
}

/** What calls an app or a mechtron. @throws OrreryError `unavailable` where it takes no calls */
function calleeOf(address: string, { runtime, host }: CallsComponentOptions): AppCallee {
  const app = runtime()?.stand(address).callee;
  if (app !== undefined) return app;
  const release = runtime()?.stand(parentText(address)).release;
  const name = address.slice(address.lastIndexOf(":") + 1);
  const mechtron = release?.file.mechtrons.find((one) => one.name === name);
  const running = host();
  if (mechtron !== undefined && running !== undefined)
    return createMechtronCallee({ address, name, methods: mechtron.methods }, running);
  throw new OrreryError(
    "unavailable",
    `Cannot call "${address}": it is no app that takes calls now, see orrery status`,
  );
}

/** What may be called in a Space by somebody, by address. */
async function callable(
  said: string,
  { registry, agent, runtime, asking }: CallsComponentOptions & { asking: string },
) {
  const space = said.split(":")[0] ?? "";
  const may = async (address: string) =>
    (await registry.can({ agent: asking, verb: "execute", address }, { agent })).allowed;
  const apps = (runtime()?.apps() ?? []).filter((app) => app.startsWith(`${space}:`)).sort();
  const found = apps.map(async (app) => {
    const { callee, release, instances } = runtime()?.stand(app) ?? {};
    const own =
      callee !== undefined && (await may(app)) ? appServices(app, { callee, instances: instances ?? [] }) : [];
    const mechtrons = mechtronServices(app, release?.file.mechtrons ?? []);
    const open = await Promise.all(mechtrons.map(({ address }) => may(address)));
    return [...own, ...mechtrons.filter((_, at) => open[at])];
  });
  return (await Promise.all(found)).flat();
}

function optionsOf(call: Invocation | undefined, { agent, signal }: Context) {
  const { timeoutMs = 0, version = "", instance = "", idempotencyKey = "", shardKey = "" } = call ?? {};
  return {
    ...{ agent, signal },
    ...(timeoutMs > 0 && { timeoutMs }),
    ...(version !== "" && { version }),
    ...(instance !== "" && { instance }),
    ...(idempotencyKey !== "" && { idempotencyKey }),
    ...(shardKey !== "" && { shardKey }),
  };
}

function refusal(address: string, { agent, why }: { readonly agent: string; readonly why: string }): OrreryError {
  const text = `Cannot execute "${address}" as "${agent || "anonymous"}": ${why}, ask an owner for a grant`;
  return new OrreryError("permission_denied", text, { details: { agent, verb: "execute", address } });
}

interface Unsent {
  readonly address: string;
  readonly method: string;
  readonly kind: string;
  readonly driver: string;
}

function whyNot({ address, method, kind, driver }: Unsent): string {
  const text = `Cannot send "${method}" to "${address}": its kind ${kind}`;
  if (driver === "") return `${text} has no component that takes messages`;
  return `${text} is driven by "${driver}", which takes no messages here; send where that runs`;
}

/** Passes a message to what drives a resource, as whoever sends it. */
async function pass(
  driver: string,
  { message, ...named }: { readonly address: string; readonly method: string; readonly message: unknown },
  context: Context,
): Promise<unknown> {
  if (driver === BroadcastService.typeName) {
    const value = message === undefined ? {} : { message: fromJson(ValueSchema, message as JsonValue) };
    return toJson(
      BroadcastService.method.send.output,
      await context.client(BroadcastService).send({ ...named, ...value }),
    );
  }
  return await context.client(messagesOf(driver)).send({ ...named, message });
}

/** As components that drive kinds of this platform take messages. */
function messagesOf(driver: string) {
  return defineService(driver, {
    send: {
      request: json<{ readonly address: string; readonly method: string; readonly message?: unknown }>(),
      reply: json<unknown>(),
    },
  });
}

function parse(text: string, { address, method }: { readonly address: string; readonly method: string }): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const why = (cause as Error).message;
    throw new OrreryError(
      "invalid_argument",
      `Cannot send "${method}" to "${address}": its message is no JSON, ${why}`,
    );
  }
}
