import { type Component, type Context, defineComponent, OrreryError } from "@orrery/core";
import { decodeGuestReply, encodeGuestRequest } from "@orrery/guest/abi";
import { MessageService } from "@orrery/registry/service";
import { MESSAGE_INSTANCES } from "../apps/limits.ts";
import { defineMechtronService } from "../cage/mechtron-component.ts";
import { jsonOfGuest, jsonToGuest } from "./guest-json.ts";
import { serviceInFile } from "./mechtron-in-file.ts";

/** A mechtron that is a component here. */
export interface LocalMechtron {
  readonly name: string;
  readonly methods: readonly string[];
}

/** Makes the component by which components send messages to mechtrons where there is no platform: an address ends with the mechtron's name. */
export function createLocalMessages(mechtrons: readonly LocalMechtron[]): Component {
  return defineComponent(
    MessageService,
    () => ({
      send: async ({ address, method, message }, context) => {
        const name = address.slice(address.lastIndexOf(":") + 1);
        const found = mechtrons.find((one) => one.name === name);
        if (found !== undefined) return await ask(found, { method, message }, context);
        const has = mechtrons.map((one) => one.name).join(", ") || "none";
        throw new OrreryError(
          "not_found",
          `Cannot send "${method}" to "${address}": without a platform there are only the app's own mechtrons, ${has}; publish the app and run it under orrery up`,
        );
      },
    }),
    { instances: MESSAGE_INSTANCES, reentrant: "flow" },
  );
}

type Methods = Readonly<Record<string, ((message: unknown) => Promise<unknown>) | undefined>>;

async function ask(
  { name, methods }: LocalMechtron,
  { method, message }: { readonly method: string; readonly message: unknown },
  context: Context,
): Promise<unknown> {
  const request = jsonToGuest(method, message, name);
  if (methods.length === 0) {
    const reply = await context.client(defineMechtronService(name)).handle(encodeGuestRequest(request));
    return jsonOfGuest(name, decodeGuestReply(reply));
  }
  if (request.service !== name || !methods.includes(request.method))
    throw new OrreryError(
      "unimplemented",
      `Cannot send "${method}" to "${name}": its orrery.yaml names ${methods.join(", ")}`,
    );
  return await (context.client(serviceInFile({ name, methods })) as Methods)[request.method]?.(message ?? {});
}
