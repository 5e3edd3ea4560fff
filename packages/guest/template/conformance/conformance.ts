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
      /** Gives what was remembered last, and remembers the body; forgets where there is none. */
      async remember(body: Uint8Array, { state }) {
        const last = await state.get<Uint8Array>("last");
        await (body.length > 0 ? state.set("last", body) : state.delete("last"));
        return last ?? encoder.encode("nothing");
      },
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
