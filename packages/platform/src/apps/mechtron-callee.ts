import { OrreryError } from "@orrery/core";
import type { MechtronHost } from "../mechtrons/mechtron-host.ts";
import type { AppCallee } from "./app-callee.ts";
import { createMechtronCaller, type JsonMechtron } from "./mechtron-caller.ts";

/** Makes what calls the methods of a mechtron, whose messages are JSON. */
export function createMechtronCallee(mechtron: JsonMechtron, host: Pick<MechtronHost, "ask">): AppCallee {
  const caller = createMechtronCaller(mechtron, host);
  return {
    services: [],
    call: async ({ service, method, body }, options) => {
      if (caller.has(service)) return await caller.call({ component: service, method }, body, options);
      throw new OrreryError("not_found", `Cannot find service "${service}" at "${mechtron.address}"`);
    },
    // biome-ignore lint/correctness/useYield: it has none.
    stream: async function* ({ service, method }) {
      throw new OrreryError("unimplemented", `Cannot open "${service}/${method}" as a stream: a mechtron has none`);
    },
  };
}
