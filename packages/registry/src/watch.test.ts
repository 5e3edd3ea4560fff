import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { TEST_SERVERS, type TestServer } from "./conformance/system-test-servers.ts";
import { openTestRegistry } from "./conformance/test-registry.ts";
import { expectRefusal } from "./testing/expect-refusal.ts";
import { OPERATOR } from "./testing/registry-case.ts";

const WRITES = 10_000;
const WATCHERS = 8;

for (const name of ["PGlite", "PostgreSQL 18, managed"])
  describe(`watches of a registry that is written, on ${name}`, () => {
    let server: TestServer | undefined;
    before(async () => {
      server = await TEST_SERVERS[name]?.();
    });
    after(() => server?.close());

    it(`show each of ${WATCHERS} watchers, dropped and back again at random, exactly what was written`, async () => {
      const database = await (server as TestServer).open();
      await using registry = await openTestRegistry({ database });
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      const random = createSeededRandom(7);
      const last = 1 + WRITES;

      const watch = async () => {
        const seen: string[] = [];
        for (let at = 1; at < last; ) {
          const until = at + 1 + random.integer(1_500);
          for await (const { revision, parts, resource } of registry.watch(
            { selector: "demo.test:*", after: at },
            OPERATOR,
          )) {
            seen.push(`${revision} ${parts.join()} ${resource.address} ${resource.properties["title"] ?? ""}`);
            at = revision;
            if (revision >= until || revision === last) break;
          }
        }
        return seen;
      };
      const watching = Array.from({ length: WATCHERS }, watch);
      const names = Array.from({ length: 50 }, (_, n) => `demo.test:b${n}`);
      await Promise.all(names.map((address) => registry.create({ address, kind: "Base" }, OPERATOR)));
      let left = WRITES - names.length;
      const write = async (lane: number) => {
        while (left-- > 0)
          await registry.change(
            { address: names[random.integer(names.length)] ?? "", properties: { title: `${lane} ${left}` } },
            OPERATOR,
          );
      };
      await Promise.all(Array.from({ length: 64 }, (_, lane) => write(lane)));

      const committed = await database.kysely
        .selectFrom("change")
        .select("body")
        .where("revision", ">", 1)
        .orderBy("revision")
        .execute();
      const wanted = committed.map(({ body }) => {
        const { revision, parts, resource } = body as unknown as {
          revision: number;
          parts: string[];
          resource: { address: string; properties: { title?: string } };
        };
        return `${revision} ${parts.join()} ${resource.address} ${resource.properties.title ?? ""}`;
      });
      assert.equal(wanted.length, WRITES);
      for (const seen of await Promise.all(watching)) assert.deepEqual(seen, wanted);
    });

    it("whose place is forgotten say so, and a list is the ground to go on from", async () => {
      await using registry = await openTestRegistry({ database: await (server as TestServer).open() });
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      for (let n = 0; n < 20; n++)
        await registry.change({ address: "demo.test", properties: { title: `${n}` } }, OPERATOR);
      await registry.compact(15);
      await using later = await openTestRegistry({ database: registry.database });
      const collect = async (after: number, until: number) => {
        const seen: number[] = [];
        for await (const { revision } of later.watch({ selector: "**", after }, OPERATOR)) {
          seen.push(revision);
          if (revision >= until) break;
        }
        return seen;
      };
      await expectRefusal(
        collect(7, 21),
        "out_of_range",
        "changes up to 15 are forgotten, list anew and watch from there",
      );
      assert.deepEqual(await collect(15, 21), [16, 17, 18, 19, 20, 21]);
      const { resources, revision } = await later.list({ selector: "**" }, OPERATOR);
      assert.deepEqual(
        resources.map(({ address, properties }) => [address, properties["title"]]),
        [["demo.test", "19"]],
      );
      const going = collect(revision, revision + 3);
      for (const title of ["a", "b", "c"])
        await later.change({ address: "demo.test", properties: { title } }, OPERATOR);
      assert.deepEqual(await going, [22, 23, 24]);
    });
  });

describe("watches of two registries over one database", () => {
  let server: TestServer | undefined;
  before(async () => {
    server = await TEST_SERVERS["PostgreSQL 18, managed"]?.();
  });
  after(() => server?.close());

  it("show the same to registries that write one database together, each change once", async () => {
    const { open, reopen } = server as TestServer;
    const database = await open();
    await using first = await openTestRegistry({ database, isShared: true });
    await using second = await openTestRegistry({
      database: await (reopen as () => ReturnType<typeof open>)(),
      isShared: true,
      random: createSeededRandom(2),
    });
    await first.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    const count = 200;
    const make = (registry: typeof first, name: string) =>
      Promise.all(
        Array.from({ length: count }, (_, n) =>
          registry.create({ address: `demo.test:${name}${n}`, kind: "Base" }, OPERATOR),
        ),
      );
    const both = [first, second].map(async (registry) => {
      const seen: string[] = [];
      for await (const { resource, revision } of registry.watch({ selector: "demo.test:*", after: 0 }, OPERATOR)) {
        seen.push(`${revision} ${resource.address}`);
        if (seen.length === 2 * count) break;
      }
      return seen;
    });
    await Promise.all([make(first, "a"), make(second, "b")]);
    const [seenByFirst, seenBySecond] = await Promise.all(both);
    assert.deepEqual(seenByFirst, seenBySecond);
    assert.equal(new Set(seenByFirst).size, 2 * count);
    assert.equal((await second.get("demo.test:a7", OPERATOR)).kind, "Base");
  });
});
