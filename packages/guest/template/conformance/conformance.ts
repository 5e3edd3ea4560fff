/** The mechtron that the conformance suite asks, in TypeScript. */
import { defineMechtron, type GuestContext, GuestError } from "@orrery/guest";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

const double = (body: Uint8Array, context: GuestContext) => context.call<Uint8Array>("peer", "double", body);

export default defineMechtron({
  services: {
    conformance: {
      echo: (body: Uint8Array) => body,
      reverse: (body: Uint8Array) => body.toReversed(),
      agent: (_: Uint8Array, context) => encoder.encode(context.agent),
      now: (_: Uint8Array, context) => encoder.encode(`${context.now()}`),
      fail(body: Uint8Array) {
        throw new GuestError("not_found", `Cannot find "${decoder.decode(body)}": no such thing`);
      },
      relay: double,
      relayThrice: async (body: Uint8Array, context) =>
        double(await double(await double(body, context), context), context),
      log(body: Uint8Array, { log }) {
        const text = decoder.decode(body);
        for (const write of [log.debug, log.info, log.warn, log.error]) write(text);
      },
    },
  },
  http: ({ method, path, query, headers, body }) => ({
    status: 201,
    headers: [...headers, ["x-guest", "yes"]],
    contentType: "text/plain",
    body: `${method} ${path}?${query} ${typeof body === "string" ? body : decoder.decode(body)}`,
  }),
});
