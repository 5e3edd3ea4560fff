import { createSystemClock } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import type { BlobStore } from "../blobs/blob-store.ts";
import { putBlob } from "../blobs/put-blob.ts";
import { bundlesAs } from "../bundles/bundle-access.ts";
import { createBundles } from "../bundles/bundles.ts";
import { publishFolder } from "../bundles/publish-folder.ts";
import { createPublisherKey } from "../bundles/system-publisher-key.ts";
import { setTag } from "../bundles/tags.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Registry } from "../registry.ts";
import { makeFolder } from "./make-folder.ts";
import { ANN, OPERATOR } from "./registry-case.ts";

/** A kind of tests with a secret and a driver. */
export const SAFE: Kind = {
  name: "Safe",
  summary: "Keeps a secret",
  parents: ["Space"],
  segments: ["name"],
  driver: "locksmith",
  properties: {
    word: { summary: "The secret", schema: { type: "string" }, secret: true },
    limit: { summary: "A number", schema: { type: "number" } },
  },
};

/** A secret of a filled registry. */
export const SECRET = { address: "demo.test:safe", property: "word", value: "hünter2 \\ \"'" };

/** A write that a filled registry did under a name. */
export const NAMED = {
  request: { address: SECRET.address, kind: "Safe", properties: { word: SECRET.value, limit: 1.5 } },
  by: { ...OPERATOR, requestId: "make-safe" },
};

/** Fills an empty registry with something of every kind, and something that was and is gone. Its kinds are the usual ones and `SAFE`. */
export async function fillRegistry(registry: Registry, blobs: BlobStore): Promise<void> {
  const create = (address: string, kind: string, properties: Readonly<Record<string, unknown>> = {}) =>
    registry.create({ address, kind, properties: properties as Record<string, string> }, OPERATOR);
  await create("demo.test", "Space", { title: 'Größe "1"\n\u{1f600} \\' });
  await create("demo.test:b", "Base");
  await create("demo.test:users", "UserBase");
  for (const name of ["ann", "bob@mail.test"]) await create(`demo.test:users:${name}`, "User");
  await create("demo.test:editors", "Role", { members: [ANN.agent] });
  await create("demo.test:g", "Grant", { to: "demo.test:editors", verbs: "rw", on: "demo.test:b:**" });
  await create("demo.test:files", "FileSystem");
  for (const [name, content] of [
    ["a.txt", "hello"],
    ["deep/er/empty", ""],
    ["große.bin", "x".repeat(3_000_000)],
  ] as const) {
    const state = { content: await putBlob(blobs, { source: [Buffer.from(content)], id: `fill-${content.length}` }) };
    const address = `demo.test:files:/${name}`;
    await registry.create({ address, kind: "File", directories: true, state, labels: { from: "test" } }, OPERATOR);
  }
  await registry.create(NAMED.request, NAMED.by);
  await publishSites(registry, blobs);
  await change(registry);
}

async function publishSites(registry: Registry, blobs: BlobStore): Promise<void> {
  const bundles = createBundles({ registry, blobs, random: createSeededRandom(5) });
  for (const version of ["1.0.0", "1.1.0"]) {
    using folder = makeFolder({
      "html/index.html": `<h1>${version}</h1>`,
      "bundle.yaml": "name: Site\nauthors: [Ann]\n",
    });
    const address = `demo.test:site:${version}`;
    await publishFolder(bundlesAs(bundles, OPERATOR), { folder: folder.path, address, key: createPublisherKey() });
    await setTag(registry, { series: "demo.test:site", tag: "latest", version }, OPERATOR);
  }
}

/** What a registry remembers besides what is created: changes of all sorts, a lock, what is gone, what waits to go. */
async function change(registry: Registry): Promise<void> {
  const address = "demo.test:b";
  await registry.change({ address, properties: { title: "t" }, owner: ANN.agent, labels: { a: "1" } }, OPERATOR);
  await registry.change({ address, status: { state: "Panic", reason: "out of ink", details: { left: 0 } } }, OPERATOR);
  await registry.change(
    { address: SECRET.address, finalizers: { add: ["locksmith"] }, properties: { limit: 2 } },
    OPERATOR,
  );
  await registry.lock({ address: "demo.test:files:/a.txt", ttlMs: 3_600_000 }, OPERATOR);
  for (const gone of ["demo.test:gone:a", "demo.test:gone"].toReversed())
    await registry.create({ address: gone, kind: "Base" }, OPERATOR);
  await registry.remove({ address: "demo.test:gone", recursive: true }, OPERATOR);
  await registry.compact(3);
}

/** A clock that stands still at a day of the year 2026; what it measures goes on. */
export function standingClock(): ReturnType<typeof createSystemClock> {
  return { ...createSystemClock(), now: () => Date.UTC(2026, 10, 22) };
}
