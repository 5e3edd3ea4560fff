import { defineComponent, defineService, json } from "@orrery/core";
import { nothing, plantBug } from "./plant.ts";

const Profiles = defineService("profiles", {
  save: { request: json<{ name: string }>(), reply: json<{ version: number }>() },
  load: { request: nothing, reply: json<{ name: string }>() },
});

const Replica = defineService("replica", {
  load: { request: json<{ atLeast: number }>(), reply: json<{ name: string }>() },
  ship: { request: json<{ name: string; version: number }>(), mode: "async" },
});

const profiles = defineComponent(Profiles, () => {
  let name = "";
  let version = 0;
  return {
    async save(request, context) {
      ({ name } = request);
      version++;
      context.send(Replica).ship({ name, version });
      return { version };
    },
    load: async () => ({ name }),
  };
});

/** A copy nearby. One that is behind what its reader knows of asks the original. */
const replica = defineComponent(Replica, () => {
  let name = "";
  let version = 0;
  return {
    async load({ atLeast }, context) {
      return version < atLeast ? await context.client(Profiles).load({}) : { name };
    },
    async ship(request) {
      if (request.version > version) ({ name, version } = request);
    },
  };
});

/** A person who changes a profile, then looks at it by way of a replica. */
export const readYourWrites = plantBug({
  name: "read your writes",
  wrong: "a person saves a profile and is shown the old one by a replica that is behind",
  scenario: (isFixed) => ({
    world: { link: { latency: { kind: "lognormal", medianMs: 5, sigma: 0.5 } } },
    setup(world) {
      const it = { wrong: "" };
      world.node("original", { components: [profiles] });
      world.node("copy", { components: [replica] });
      world.node("person", {
        async run(node) {
          for (const [index, lookAfterMs] of world.operations("save", 5, (draw) => draw.integer(500)).entries()) {
            const name = `name-${index}`;
            const { version } = await node.life.client(Profiles).save({ name });
            await node.clock.sleep(lookAfterMs);
            const shown = await node.life.client(Replica).load({ atLeast: isFixed ? version : 0 });
            if (shown.name !== name) it.wrong ||= `"${name}" was saved, "${shown.name}" is shown`;
          }
        },
      });
      return it;
    },
    always: { "who saved a profile sees it": ({ wrong }) => wrong === "" || wrong },
  }),
});
