import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { createSecretBox, createSecretKey } from "@orrery/registry";
import { ConfigService } from "../gen/orrery/config/v1/config_pb.ts";
import { StoreService } from "../gen/orrery/store/v1/store_pb.ts";
import { TEST_SERVERS } from "../testing/databases.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { CLOCK, OTHER, OWNER, openSpaceWorld, SILENT, type SpaceWorld } from "../testing/space-world.ts";
import { openSpaceServices, type SpaceServices } from "./open-services.ts";

const METHODS: Readonly<Record<string, readonly string[]>> = {
  config: ConfigService.methods.map(({ localName }) => localName),
  store: StoreService.methods.map(({ localName }) => localName),
};
const value = Buffer.from("v");

/** Every method, as whoever asks it of a Space; by its name in the contract. */
function asksOf({ config, store }: SpaceServices, space: string, by: { readonly agent: string }) {
  const steps = [{ path: "a", value: 1 }];
  const watch = () => config.watch({ space }, by)[Symbol.asyncIterator]().next();
  return {
    config: {
      get: [() => config.get({ space, path: "a" }, by), () => config.get({ space, secrets: true }, by)],
      set: [() => config.set({ space, steps }, by), () => config.set({ space, ifVersion: 99, steps }, by)],
      history: [() => config.history({ space }, by)],
      watch: [watch],
    },
    store: {
      get: [() => store.get({ space, key: "a" }, by)],
      set: [() => store.write({ space, writes: [{ key: "a", value }] }, by)],
      remove: [() => store.write({ space, writes: [{ key: "a" }] }, by)],
      batch: [() => store.write({ space, writes: [{ key: "a", value, ifVersion: 99 }, { key: "b" }] }, by)],
      list: [() => store.list({ space }, by)],
      tables: [() => store.tables({ space }, by)],
    },
  } as Readonly<Record<string, Readonly<Record<string, readonly (() => Promise<unknown>)[]>>>>;
}

describe("openSpaceServices", () => {
  let world: SpaceWorld;
  let services: SpaceServices;
  before(async () => {
    world = await openSpaceWorld(await (TEST_SERVERS["PGlite"] as (typeof TEST_SERVERS)[string])());
    const secrets = createSecretBox([createSecretKey()]);
    services = await openSpaceServices({ ...world, secrets, clock: CLOCK, log: SILENT, random: createSeededRandom(1) });
    for (const name of ["full.test", "bare.test", "otto.test"]) await world.space(name);
    await world.grant("otto.test", "csdrwx", "**"); // He may do everything in another Space.
    await services.config.set({ space: "full.test", steps: [{ path: "a", value: 1 }] }, OWNER);
    await services.store.write({ space: "full.test", writes: [{ key: "a", value }] }, OWNER);
  });
  after(async () => {
    await services?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  for (const [service, methods] of Object.entries(METHODS))
    it(`refuses an outsider every method of ${service}, in the same words for a full Space, an empty one, and none`, async () => {
      const told = async (space: string, agent: string) => {
        const asks = asksOf(services, space, { agent })[service] ?? {};
        assert.deepEqual(Object.keys(asks).sort(), [...methods].sort());
        const said: string[] = [];
        for (const ask of Object.values(asks).flat()) {
          const { message, details } = await expectRefusal(ask(), "permission_denied");
          said.push(JSON.stringify([message, details]).replaceAll(space, "SPACE"));
        }
        return said;
      };
      for (const agent of [OTHER.agent, "", "anonymous", "otto.test:app"]) {
        const full = await told("full.test", agent);
        assert.deepEqual(await told("bare.test", agent), full);
        assert.deepEqual(await told("none.test", agent), full);
      }
      for (const ask of Object.values(asksOf(services, "otto.test", OTHER)[service] ?? {}).flat())
        await ask().catch(({ code }: { code: string }) => assert.notEqual(code, "permission_denied"));
    });
});
