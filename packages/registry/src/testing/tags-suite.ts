import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TAG_MOVES_KEPT } from "../bundles/limits.ts";
import { resolveTags } from "../bundles/resolve-tags.ts";
import { readTagHistory, setTag } from "../bundles/tags.ts";
import type { TestServer } from "../conformance/system-test-servers.ts";
import { openTestRegistry } from "../conformance/test-registry.ts";
import type { Registry } from "../registry.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { OPERATOR } from "./registry-case.ts";

const SERIES = "demo.test:site";
const BLOB = { digest: `sha256:${"a".repeat(64)}`, bytes: 1 };

/** A series with some versions, each with one file. */
async function openSeries(
  server: TestServer,
  versions: readonly string[],
): Promise<Awaited<ReturnType<typeof openTestRegistry>>> {
  const registry = await openTestRegistry({ database: await server.open() });
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  for (const version of versions) await addVersion(registry, version);
  return registry;
}

const addVersion = (registry: Registry, version: string) =>
  registry.apply(
    [
      { create: { address: SERIES, kind: "BundleSeries", strategy: "ensure" } },
      { create: { address: `${SERIES}:${version}`, kind: "Bundle" } },
      { create: { address: `${SERIES}:${version}:/a/`, kind: "Artifact" } },
      { create: { address: `${SERIES}:${version}:/a/x`, kind: "Artifact", state: { content: BLOB } } },
    ],
    OPERATOR,
  );

/** What several writes as one, sealed kinds and tags do, whichever PostgreSQL they are kept in. */
export function testTags(server: () => TestServer): void {
  describe("several writes as one", () => {
    it("are all done or none, each over those before it", async () => {
      await using registry = await openSeries(server(), []);
      const steps = [
        { create: { address: "demo.test:b", kind: "Base" } },
        { change: { address: "demo.test:b", properties: { title: "B" } } },
        { remove: { address: "demo.test:missing" } },
      ];
      await expectRefusal(registry.apply(steps, OPERATOR), "not_found", 'Cannot remove "demo.test:missing"');
      await expectRefusal(registry.apply([], OPERATOR), "invalid_argument", "name at least one step");
      assert.equal(registry.revision(), 1);
      const written = await registry.apply(steps.slice(0, 2), OPERATOR);
      assert.deepEqual(written, { address: "demo.test:b", revision: 3, changed: true });
      assert.equal((await registry.get("demo.test:b", OPERATOR)).properties["title"], "B");
    });
  });

  describe("what is sealed", () => {
    it("is made whole alone, never changes, and goes whole", async () => {
      await using registry = await openSeries(server(), ["1.0.0"]);
      const at = `${SERIES}:1.0.0`;
      const create = (address: string, kind: string) => registry.create({ address, kind }, OPERATOR);
      await expectRefusal(create(`${SERIES}:2.0.0`, "Bundle"), "failed_precondition", "publish it");
      await expectRefusal(create(`${at}:/b`, "Artifact"), "failed_precondition", "that is made only whole");
      const file = `${at}:/a/x`;
      const refuse = (change: object) =>
        expectRefusal(registry.change({ address: file, ...change }, OPERATOR), "failed_precondition", "never changes");
      await refuse({ state: { content: { ...BLOB, bytes: 2 } } });
      await refuse({ properties: { contentType: "text/html" } });
      await refuse({ fixed: ["contentType"] });
      await expectRefusal(
        registry.remove({ address: file }, OPERATOR),
        "failed_precondition",
        `it is part of "${at}:/a/"`,
      );
      await expectRefusal(
        registry.remove({ address: `${at}:/a/` }, OPERATOR),
        "failed_precondition",
        "remove the whole version",
      );
      await registry.change({ address: at, labels: { checked: "yes" } }, OPERATOR);
      await registry.remove({ address: at }, OPERATOR);
      assert.deepEqual((await registry.list({ selector: `${SERIES}:**` }, OPERATOR)).resources, []);
    });
  });

  describe("tags", () => {
    it("name a version that is there, and keep it there", async () => {
      await using registry = await openSeries(server(), ["1.0.0", "1.1.0"]);
      const tag = (version: string, name = "latest") =>
        setTag(registry, { series: SERIES, tag: name, version }, OPERATOR);
      await expectRefusal(tag("9.9.9"), "not_found", `there is no "${SERIES}:9.9.9"`);
      await expectRefusal(tag("1.0.0", "La test"), "invalid_argument", "a tag has small letters");
      await tag("1.0.0");
      assert.equal((await tag("1.0.0", "[latest]")).changed, false);
      await expectRefusal(tag("[latest]", "other"), "invalid_argument", "that is not a semver");
      await expectRefusal(tag("9.9.9"), "not_found", `there is no "${SERIES}:9.9.9"`);
      const remove = (version: string) => registry.remove({ address: `${SERIES}:${version}` }, OPERATOR);
      await expectRefusal(
        remove("1.0.0"),
        "failed_precondition",
        `"${SERIES}:[latest]" names it, move or remove that first`,
      );
      await tag("1.1.0");
      await remove("1.0.0");
      await expectRefusal(remove("1.1.0"), "failed_precondition", "names it");
      await registry.remove({ address: SERIES, recursive: true }, OPERATOR);
      await expectRefusal(registry.get(`${SERIES}:[latest]`, OPERATOR), "not_found", "there is no such resource");
    });

    it("resolve inside addresses, now and as they were", async () => {
      await using registry = await openSeries(server(), ["1.0.0", "1.1.0"]);
      const first = await setTag(registry, { series: SERIES, tag: "latest", version: "1.0.0" }, OPERATOR);
      const second = await setTag(registry, { series: SERIES, tag: "latest", version: "1.1.0" }, OPERATOR);
      const history = await readTagHistory(registry, { series: SERIES, tag: "latest" }, OPERATOR);
      assert.deepEqual(
        history.map(({ version, revision, agent }) => [version, revision, agent]),
        [
          ["1.0.0", first.revision, "operator"],
          ["1.1.0", second.revision, "operator"],
        ],
      );
      const read = (address: string) => registry.get(address, OPERATOR);
      const resolve = (text: string, options = {}) => resolveTags(text, read, options);
      const file = `${SERIES}:[latest]:/a/x`;
      assert.equal(await resolve(file), `${SERIES}:1.1.0:/a/x`);
      assert.equal(await resolve(file, { at: { revision: second.revision - 1 } }), `${SERIES}:1.0.0:/a/x`);
      assert.equal(await resolve(file, { at: { time: history[1]?.at } }), `${SERIES}:1.1.0:/a/x`);
      await expectRefusal(
        resolve(file, { at: { revision: 1 } }),
        "out_of_range",
        "its first move that is remembered was at revision",
      );
      assert.equal(await resolve(`${SERIES}:[latest]`), `${SERIES}:[latest]`);
      assert.equal(await resolve(`${SERIES}:[latest]`, { isVersionMeant: true }), `${SERIES}:1.1.0`);
      assert.equal(await resolve("demo.test:f:/[x]"), "demo.test:f:/[x]");
      await expectRefusal(resolve(`${SERIES}:[no]:/x`), "not_found", `"${SERIES}:[no]"`);
      assert.equal((await read(file)).address, `${SERIES}:1.1.0:/a/x`);
      await expectRefusal(registry.get(file, { agent: "bob" }), "permission_denied", `read "${SERIES}:[latest]"`);
    });

    it("are watched: each move is one change, and names one version", async () => {
      await using registry = await openSeries(server(), ["1.0.0", "1.1.0"]);
      const from = registry.revision();
      const moves = TAG_MOVES_KEPT + 20;
      const watching = (async () => {
        const seen: unknown[] = [];
        for await (const { resource, parts } of registry.watch(
          { selector: `${SERIES}:[latest]`, after: from },
          OPERATOR,
        )) {
          seen.push(`${parts.join()} ${resource.properties["version"]}`);
          if (seen.length === moves) return seen;
        }
        return seen;
      })();
      const wanted = Array.from({ length: moves }, (_, n) => `1.${n % 2}.0`);
      for (const version of wanted) await setTag(registry, { series: SERIES, tag: "latest", version }, OPERATOR);
      assert.deepEqual(
        await watching,
        wanted.map((version, n) => `${n === 0 ? "added" : "properties"} ${version}`),
      );
      const history = await readTagHistory(registry, { series: SERIES, tag: "latest" }, OPERATOR);
      assert.deepEqual(
        history.map(({ version }) => version),
        wanted.slice(-TAG_MOVES_KEPT),
      );
    });

    it("begin anew when they are removed and made again; what they named before stands among the changes", async () => {
      await using registry = await openSeries(server(), ["1.0.0", "1.1.0"]);
      const latest = { series: SERIES, tag: "latest" };
      const address = `${SERIES}:[latest]`;
      const from = registry.revision();
      await setTag(registry, { ...latest, version: "1.0.0" }, OPERATOR);
      await registry.remove({ address }, OPERATOR);
      await expectRefusal(readTagHistory(registry, latest, OPERATOR), "not_found", "there is no such resource");
      const { revision } = await setTag(registry, { ...latest, version: "1.1.0" }, OPERATOR);
      const history = await readTagHistory(registry, latest, OPERATOR);
      assert.deepEqual(
        history.map((move) => [move.version, move.revision]),
        [["1.1.0", revision]],
      );
      const resolved = resolveTags(`${address}:/a/x`, (one) => registry.get(one, OPERATOR), {
        at: { revision: from + 1 },
      });
      await expectRefusal(resolved, "out_of_range", `its first move that is remembered was at revision ${revision}`);
      const seen: string[] = [];
      for await (const { parts, resource } of registry.watch({ selector: address, after: from }, OPERATOR)) {
        seen.push(`${parts.join()} ${resource.properties["version"]}`);
        if (seen.length === 3) break;
      }
      assert.deepEqual(seen, ["added 1.0.0", "removed 1.0.0", "added 1.1.0"]);
    });
  });
}
