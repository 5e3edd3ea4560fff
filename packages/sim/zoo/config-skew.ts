import { defineComponent, defineService, json, OrreryError, outcomeOf } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

interface Tax {
  readonly version: number;
  readonly percent: number;
}

const TRIES = 20;

const Quotes = defineService("quotes", {
  quote: { request: json<{ net: number }>(), reply: json<{ gross: number; version: number }>() },
  configure: { request: json<Tax>(), reply: nothing },
});

const Register = defineService("register", {
  pay: { request: json<{ net: number; version?: number }>(), reply: json<{ charged: number }>() },
  configure: { request: json<Tax>(), reply: nothing },
});

const grossOf = (net: number, { percent }: Tax) => net + Math.round((net * percent) / 100);

const FIRST: Tax = { version: 1, percent: 19 };

const quotes = defineComponent(Quotes, () => {
  let tax = FIRST;
  return {
    quote: async ({ net }) => ({ gross: grossOf(net, tax), version: tax.version }),
    async configure(request) {
      tax = request;
      return {};
    },
  };
});

/** Charges by the tax of its own, or by that which was quoted. */
const register = defineComponent(Register, () => {
  const taxes = new Map([[FIRST.version, FIRST]]);
  let latest = FIRST;
  return {
    async pay({ net, version = latest.version }) {
      const tax = taxes.get(version);
      if (tax === undefined) throw new OrreryError("unavailable", `Cannot charge: tax ${version} is not known yet`);
      return { charged: grossOf(net, tax) };
    },
    async configure(request) {
      latest = request;
      taxes.set(request.version, request);
      return {};
    },
  };
});

/** A tax rate that is rolled out to two services, one after the other. */
export const configSkew = plantBug({
  name: "config version skew",
  wrong: "a price is quoted by one version of the configuration and charged by another",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      const it = { wrong: "" };
      world.node("front", { components: [quotes] });
      world.node("back", { components: [register] });
      world.node("operator", {
        async run(node) {
          for (const [index, { afterMs, percent }] of world
            .operations("roll out", 3, (draw) => ({ afterMs: draw.integer(600), percent: 10 + draw.integer(10) }))
            .entries()) {
            await node.clock.sleep(afterMs);
            await node.life.client(Quotes).configure({ version: index + 2, percent });
            await node.life.client(Register).configure({ version: index + 2, percent });
          }
        },
      });
      world.node("customer", {
        async run(node) {
          const { client } = node.life;
          for (const { afterMs, net } of world.operations("buy", 6, (draw) => ({
            afterMs: draw.integer(300),
            net: 100 + draw.integer(900),
          }))) {
            await node.clock.sleep(afterMs);
            const { gross, version } = await client(Quotes).quote({ net });
            for (let left = TRIES; left > 0; left--) {
              const paid = await outcomeOf(client(Register).pay({ net, ...(isFixed && { version }) }));
              if (paid.kind !== "reply") await node.clock.sleep(50);
              else if (paid.value.charged === gross) break;
              else {
                it.wrong ||= `${gross} was quoted, ${paid.value.charged} was charged`;
                break;
              }
            }
          }
        },
      });
      return it;
    },
    always: { "what is charged is what was quoted": ({ wrong }) => wrong === "" || wrong },
  }),
});
