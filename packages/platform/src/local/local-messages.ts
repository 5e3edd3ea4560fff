import { type Component, type Context, defineComponent, type InstanceHandle, OrreryError } from "@orrery/core";
import { decodeGuestReply, decodeGuestRequest, encodeGuestReply, encodeGuestRequest } from "@orrery/guest/abi";
import type { JsonCaller } from "@orrery/http";
import { parentText, parseAddress } from "@orrery/registry";
import { lastPart, MessageService } from "@orrery/registry/service";
import type { AppFile } from "../apps/app-file.ts";
import { MESSAGE_INSTANCES } from "../apps/limits.ts";
import { createMessageComponent, timeLeft } from "../apps/message-component.ts";
import { defineMechtronService } from "../cage/mechtron-component.ts";
import { createGuestCalls } from "../mechtrons/guest-calls.ts";
import { MESSAGE_TIMEOUT_MS } from "../mechtrons/limits.ts";
import type { MechtronHost } from "../mechtrons/mechtron-host.ts";
import { GuestService } from "./guest-service.ts";
import { GUEST_CALL_INSTANCES } from "./limits.ts";
import { LOCAL_OPERATOR, type LocalParts } from "./local-parts.ts";

/** What messages of an app go out by where there is no platform. */
export interface Speaking {
  readonly app: string;
  readonly file: Pick<AppFile, "mechtrons">;
  readonly parts: LocalParts;
  readonly ask: MechtronHost["ask"];
  readonly callerOf: () => Promise<JsonCaller>;
}

/** Makes what asks mechtrons that are components, on behalf of the message that is handled, if one is. */
export function createLocalAsk(instance: Pick<InstanceHandle, "client">, app: string): MechtronHost["ask"] {
  return async (address, request, { agent, timeoutMs = MESSAGE_TIMEOUT_MS, via }) => {
    if (parentText(address) !== app)
      throw new OrreryError("not_found", `Cannot reach "${address}": without a platform only "${app}" runs`);
    const service = defineMechtronService(lastPart(parseAddress(address)));
    const client = (via?.node ?? instance).client(service);
    return decodeGuestReply(await client.handle(encodeGuestRequest(request), { agent, timeoutMs }));
  };
}

/** Makes the component by which components send to what has an address. An address that ends with a mechtron's name is that mechtron, wherever it lies. */
export function createLocalMessages({ app, file, parts, ask, callerOf }: Speaking): Component {
  const { registry, broadcasts } = parts;
  const names = new Set(file.mechtrons.map(({ name }) => name));
  const here = (address: string) => {
    const name = address.slice(address.lastIndexOf(":") + 1);
    return names.has(name) ? `${app}:${name}` : address;
  };
  return defineComponent(
    MessageService,
    (instance) => ({
      send: async ({ address, ...message }, context) => {
        const caller = await callerOf();
        const callers = (one: string) => (one === app ? caller : undefined);
        const inner = createMessageComponent({
          ...{ app, registry, broadcasts, ask, agent: LOCAL_OPERATOR },
          callerOf: callers,
          chains: { of: () => [] }, // Messages know by themselves who waits.
        });
        const { send } = inner.factory(instance) as { send: (message: object, context: Context) => Promise<unknown> };
        return await send({ ...message, address: here(address) }, context);
      },
    }),
    { instances: MESSAGE_INSTANCES, reentrant: "flow" },
  );
}

/** Makes the component by which mechtrons call others, each in its own name. */
export function createLocalGuests({ app, parts, ask, callerOf }: Speaking): Component {
  const { registry, resources } = parts;
  return defineComponent(
    GuestService,
    () => ({
      call: async (encoded, context) => {
        const { agent: name, ...request } = decodeGuestRequest(encoded);
        const caller = await callerOf();
        const answer = createGuestCalls({
          ...{ registry, resources, ask, agent: LOCAL_OPERATOR },
          callerOf: (one) => (one === app ? caller : undefined),
          chains: { open: () => ({ flow: context.flow, [Symbol.dispose]: () => undefined }) },
        });
        const reply = await answer(
          { ...request, agent: context.agent },
          {
            release: { address: `${app}:${name}`, owner: LOCAL_OPERATOR },
            chain: [],
            via: { app, node: context },
            cause: context,
            timeoutMs: timeLeft(context),
            signal: context.signal,
          },
        );
        return encodeGuestReply(reply);
      },
    }),
    { instances: GUEST_CALL_INSTANCES, reentrant: "flow" },
  );
}
