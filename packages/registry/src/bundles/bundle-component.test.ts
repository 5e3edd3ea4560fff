import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createNode } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createMemoryBlobs } from "../blobs/memory-blobs.ts";
import { openTestRegistry } from "../conformance/test-registry.ts";
import { BundleService } from "../gen/orrery/registry/v1/bundles_pb.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { makeFolder } from "../testing/make-folder.ts";
import { OPERATOR } from "../testing/registry-case.ts";
import { bundlesAt } from "./bundle-access.ts";
import { createBundleComponent } from "./bundle-component.ts";
import { createBundles } from "./bundles.ts";
import { fetchBundle } from "./fetch-bundle.ts";
import { BUNDLE_PIECE_BYTES } from "./limits.ts";
import { publishFolder } from "./publish-folder.ts";
import { createPublisherKey } from "./system-publisher-key.ts";

describe("createBundleComponent", () => {
  it("lets another publish, tag and fetch by messages", async () => {
    await using registry = await openTestRegistry();
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    const random = createSeededRandom(4);
    const bundles = createBundles({ registry, blobs: createMemoryBlobs({ clock: { now: () => 0 } }), random });
    await using node = createNode({ agent: "operator", components: [createBundleComponent(bundles, registry)] });
    await node.start();
    const client = node.client(BundleService);
    const big = random.bytes(3 * BUNDLE_PIECE_BYTES);
    using folder = makeFolder({ big, "a/b": "1" });
    const told: number[] = [];
    const options = { folder: folder.path, address: "demo.test:site:1.0.0", key: createPublisherKey() };
    const onProgress = ({ sent, bytes }: { sent: number; bytes: number }) => void told.push(sent / bytes);
    const { changed, digest } = await publishFolder(bundlesAt(client), { ...options, onProgress });
    assert.deepEqual([changed, told.at(-1)], [true, 1]);
    const tag = { series: "demo.test:site", tag: "latest" };
    assert.equal((await client.setTag({ ...tag, version: "1.0.0" })).changed, true);
    const { moves } = await client.listMoves(tag);
    assert.deepEqual(
      moves.map(({ version, agent }) => [version, agent]),
      [["1.0.0", "operator"]],
    );
    const into = join(folder.path, "out");
    const fetched = await fetchBundle(bundlesAt(client), { address: "demo.test:site:[latest]", folder: into, random });
    assert.equal(fetched.digest, digest);
    assert.deepEqual(new Uint8Array(readFileSync(join(into, "big"))), big);
    await expectRefusal(bundlesAt(client).describe("demo.test:site:2.0.0"), "not_found", "there is no such resource");
  });
});
