import { OrreryError } from "@orrery/core";
import { guestRequest } from "@orrery/guest/abi";
import type { JsonCaller } from "@orrery/http";
import { errorOfGuest } from "../cage/mechtron-handlers.ts";
import { MESSAGE_TIMEOUT_MS } from "../mechtrons/limits.ts";
import type { MechtronHost } from "../mechtrons/mechtron-host.ts";

/** A mechtron that answers methods in JSON, as a service of its name. */
export interface JsonMechtron {
  readonly address: string;
  readonly name: string;
  readonly methods: readonly string[];
}

/** Makes what calls the methods of a mechtron by name, as those of a component. */
export function createMechtronCaller(
  { address, name, methods }: JsonMechtron,
  host: Pick<MechtronHost, "ask">,
): JsonCaller {
  return {
    has: (component) => component === name,
    call: async ({ method }, body, { agent = "", timeoutMs = MESSAGE_TIMEOUT_MS } = {}) => {
      const what = `Cannot call "${name}/${method}"`;
      if (!methods.includes(method))
        throw new OrreryError("unimplemented", `${what}: it has ${methods.join(", ")}, as its orrery.yaml says`);
      const request = guestRequest({ service: name, method, contentType: "application/json", body });
      const reply = await host.ask(address, request, { agent, timeoutMs });
      if (reply.failure !== undefined) throw errorOfGuest(reply.failure);
      if (reply.body.length === 0) return new TextEncoder().encode("{}");
      if (reply.contentType === "application/json") return reply.body;
      throw new OrreryError("internal", `${what}: it replied "${reply.contentType}" in the place of JSON`);
    },
  };
}
