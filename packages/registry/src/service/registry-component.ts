import {
  type Clock,
  type Component,
  defineComponent,
  type Handlers,
  type InstanceHandle,
  OrreryError,
} from "@orrery/core";
import { RegistryService } from "../gen/orrery/registry/v1/registry_pb.ts";
import { REGISTRY_INSTANCES } from "../limits.ts";
import type { Registry } from "../registry.ts";
import { VERBS, type Verb } from "../rights/verbs.ts";
import {
  byOf,
  changeMessage,
  changeRequestOf,
  createRequestOf,
  kindMessage,
  partsOf,
  resourceMessage,
  writtenMessage,
} from "./registry-messages.ts";
import { withPauses } from "./with-pauses.ts";

/** Opens a registry for the component that serves it, by the component's own clock and chance. */
export type OpenRegistry = (parts: Pick<InstanceHandle, "clock" | "random">) => Promise<Registry>;

/**
 * Makes the component by which a network uses a registry: `orrery.registry.v1.RegistryService`. Whoever calls is whoever the message's
 * agent says. One that is opened by the component ends with it.
 */
export function createRegistryComponent(source: Registry | OpenRegistry): Component {
  let opened: Promise<Registry> | undefined;
  return defineComponent(
    RegistryService,
    (instance) => {
      let registry = typeof source === "function" ? undefined : source;
      if (typeof source === "function")
        instance.onStart(async () => {
          opened ??= source(instance);
          registry = await opened;
        });
      return handlersOf(() => registry as Registry, instance.clock);
    },
    { instances: REGISTRY_INSTANCES, streams: "beside" },
  );
}

function handlersOf(registry: () => Registry, clock: Clock): Handlers<typeof RegistryService> {
  return {
    create: async (message, { agent }) =>
      writtenMessage(await registry().create(createRequestOf(message), byOf(agent, message.options))),
    change: async (message, { agent }) =>
      writtenMessage(await registry().change(changeRequestOf(message), byOf(agent, message.options))),
    remove: async ({ address, recursive, ifRevision, options }, { agent }) => {
      const at = ifRevision === 0n ? {} : { ifRevision: Number(ifRevision) };
      const request = { address, ...(recursive === undefined ? {} : { recursive }), ...at };
      return writtenMessage(await registry().remove(request, byOf(agent, options)));
    },
    lock: async ({ address, ttlMs, options }, { agent }) => {
      const { token, fence, until } = await registry().lock({ address, ttlMs: Number(ttlMs) }, byOf(agent, options));
      return { token, fence: BigInt(fence), untilMs: BigInt(until) };
    },
    unlock: async ({ address, force, options }, { agent }) =>
      writtenMessage(await registry().unlock({ address, force }, byOf(agent, options))),
    get: async ({ address }, { agent }) => ({
      resource: resourceMessage(await registry().get(address, { agent })),
      watchers: await registry().watchers(address, { agent }),
    }),
    list: async ({ selector, after, limit }, { agent }) => {
      const request = { selector, ...(after === "" ? {} : { after }), ...(limit === 0 ? {} : { limit }) };
      const { resources, next = "", revision } = await registry().list(request, { agent });
      return { resources: resources.map(resourceMessage), next, revision: BigInt(revision) };
    },
    async *watch({ selector, also, after, parts }, { agent, signal }) {
      const wanted = parts.length === 0 ? {} : { parts: partsOf(parts) };
      const request = {
        selector,
        also,
        isCounted: true,
        ...wanted,
        ...(after === undefined ? {} : { after: Number(after) }),
      };
      let revision = BigInt(after ?? registry().revision());
      for await (const change of withPauses(registry().watch(request, { agent, signal }), clock)) {
        if (change !== undefined) revision = BigInt(change.revision);
        yield change === undefined ? { revision, atMs: 0n, agent: "", parts: [] } : changeMessage(change);
      }
    },
    can: async ({ agent: whose, verb, address }, { agent }) =>
      registry().can({ agent: whose, verb: verbOf(verb), address }, { agent }),
    whoami: async (_, { agent }) => {
      const { agent: whoever, isOperator, roles } = await registry().whoami({ agent });
      return { agent: whoever, operator: isOperator, roles: [...roles] };
    },
    kinds: async () => ({ kinds: registry().kinds().map(kindMessage) }),
  };
}

function verbOf(text: string): Verb {
  const verb = VERBS.find((one) => one === text);
  if (verb !== undefined) return verb;
  throw new OrreryError("invalid_argument", `Cannot ask about verb "${text}": verbs are ${VERBS.join(", ")}`);
}
