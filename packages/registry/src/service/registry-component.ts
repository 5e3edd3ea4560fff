import { type Component, defineComponent, OrreryError } from "@orrery/core";
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

/**
 * Makes the component by which a network uses a registry: `orrery.registry.v1.RegistryService`. Whoever calls is whoever the message's
 * agent says. Each open watch takes one of its 512 instances.
 */
export function createRegistryComponent(registry: Registry): Component {
  return defineComponent(
    RegistryService,
    () => ({
      create: async (message, { agent }) =>
        writtenMessage(await registry.create(createRequestOf(message), byOf(agent, message.options))),
      change: async (message, { agent }) =>
        writtenMessage(await registry.change(changeRequestOf(message), byOf(agent, message.options))),
      remove: async ({ address, recursive, ifRevision, options }, { agent }) => {
        const request = {
          address,
          ...(recursive === undefined ? {} : { recursive }),
          ...(ifRevision === 0n ? {} : { ifRevision: Number(ifRevision) }),
        };
        return writtenMessage(await registry.remove(request, byOf(agent, options)));
      },
      lock: async ({ address, ttlMs, options }, { agent }) => {
        const { token, fence, until } = await registry.lock({ address, ttlMs: Number(ttlMs) }, byOf(agent, options));
        return { token, fence: BigInt(fence), untilMs: BigInt(until) };
      },
      unlock: async ({ address, force, options }, { agent }) =>
        writtenMessage(await registry.unlock({ address, force }, byOf(agent, options))),
      get: async ({ address }, { agent }) => ({ resource: resourceMessage(await registry.get(address, { agent })) }),
      list: async ({ selector, after, limit }, { agent }) => {
        const request = { selector, ...(after === "" ? {} : { after }), ...(limit === 0 ? {} : { limit }) };
        const { resources, next = "", revision } = await registry.list(request, { agent });
        return { resources: resources.map(resourceMessage), next, revision: BigInt(revision) };
      },
      async *watch({ selector, after, parts }, { agent, signal }) {
        const request = { selector, parts: partsOf(parts), ...(after === undefined ? {} : { after: Number(after) }) };
        const { parts: wanted, ...whole } = request;
        for await (const change of registry.watch(wanted.length === 0 ? whole : request, { agent, signal }))
          yield changeMessage(change);
      },
      can: async ({ agent: whose, verb, address }, { agent }) =>
        registry.can({ agent: whose, verb: verbOf(verb), address }, { agent }),
      kinds: async () => ({ kinds: registry.kinds().map(kindMessage) }),
    }),
    { instances: REGISTRY_INSTANCES },
  );
}

function verbOf(text: string): Verb {
  const verb = VERBS.find((one) => one === text);
  if (verb !== undefined) return verb;
  throw new OrreryError("invalid_argument", `Cannot ask about verb "${text}": verbs are ${VERBS.join(", ")}`);
}
