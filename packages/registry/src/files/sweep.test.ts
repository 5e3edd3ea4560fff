import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSystemClock, isOrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import type { BlobStore } from "../blobs/blob-store.ts";
import { createMemoryBlobs } from "../blobs/memory-blobs.ts";
import { digestOf } from "../blobs/system-digest.ts";
import { createBundles } from "../bundles/bundles.ts";
import { sealManifest } from "../bundles/manifest.ts";
import { createPublisherKey } from "../bundles/system-publisher-key.ts";
import { bytesOf, namesOf } from "../conformance/blob-case.ts";
import { openTestRegistry } from "../conformance/test-registry.ts";
import { BLOB_GRACE_MS } from "../limits.ts";
import { makeArchive } from "../testing/make-archive.ts";
import { OPERATOR } from "../testing/registry-case.ts";
import { createFiles } from "./create-files.ts";

/** Worlds that are tried; each has so many rounds of a few writes beside a sweep. */
const WORLDS = Number(process.env["ORRERY_SWEEPS"] ?? 12);
const SEED = Number(process.env["ORRERY_SEED"] ?? 41);
const ROUNDS = 12;
const KEY = createPublisherKey();

describe("a sweep beside publishing, uploading and removing", () => {
  it(`takes no bytes that are in use, and then all others, in ${WORLDS} worlds`, async () => {
    for (let seed = SEED; seed < SEED + WORLDS; seed++) await tryWorld(seed);
  });
});

/** Files and bundles of one registry, whose blobs take their time, each time another by chance. */
async function openWorld(seed: number) {
  const random = createSeededRandom(seed);
  const system = createSystemClock();
  let ahead = 0;
  const clock = { ...system, now: () => system.now() + ahead };
  const registry = await openTestRegistry({ clock });
  const blobs = slowed(createMemoryBlobs({ clock }), () => random.integer(4));
  const files = createFiles({ registry, blobs, clock, random: createSeededRandom(seed + 1) });
  const bundles = createBundles({ registry, blobs, random: createSeededRandom(seed + 2) });
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  await registry.create({ address: "demo.test:files", kind: "FileSystem" }, OPERATOR);
  const pass = (ms: number) => {
    ahead += ms;
  };
  const close = async () => {
    await files[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  };
  return { random, registry, blobs, files, bundles, pass, [Symbol.asyncDispose]: close };
}

type World = Awaited<ReturnType<typeof openWorld>>;

function slowed(store: BlobStore, turns: () => number): BlobStore {
  const wait = async () => {
    for (let left = turns(); left > 0; left--) await new Promise(setImmediate);
  };
  return {
    ...store,
    size: async (digest, options) => {
      await wait();
      const found = await store.size(digest, options);
      await wait();
      return found;
    },
    open: async (id) => {
      await wait();
      return store.open(id);
    },
    remove: async (digest, before) => {
      await wait();
      return store.remove(digest, before);
    },
    async *list(what) {
      for await (const item of store.list(what)) {
        await wait();
        yield item;
      }
    },
  };
}

async function tryWorld(seed: number): Promise<void> {
  await using world = await openWorld(seed);
  const { random, files, pass } = world;
  const open: Upload[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const doing = Array.from({ length: 4 }, () => doSomething(world, open));
    await Promise.all([...doing, files.sweep()]);
    await assertNothingLost(world, `seed ${seed}, round ${round}`);
    if (random.integer(2) === 0) pass(BLOB_GRACE_MS + 1 + random.integer(1_000));
  }
  pass(2 * BLOB_GRACE_MS);
  await files.sweep();
  await assertNothingLost(world, `seed ${seed}, at the end`);
  assert.deepEqual(await namesOf(world.blobs, "blobs"), [...(await named(world)).keys()].sort(), `seed ${seed}`);
  assert.deepEqual(await namesOf(world.blobs, "uploads"), [], `seed ${seed}`);
}

interface Upload {
  readonly name: string;
  readonly address: string;
  readonly bytes: Uint8Array;
}

/** Of few contents, so that bytes that nobody names any more are wanted again. */
async function doSomething(world: World, open: Upload[]): Promise<void> {
  const { random, registry, files } = world;
  const bytes = bytesOf(1 + random.integer(5));
  const address = `demo.test:files:/f${random.integer(4)}`;
  switch (random.integer(5)) {
    case 0: {
      const name = await files.begin({ address, bytes: bytes.length }, OPERATOR);
      await unlessSwept(files.append({ upload: name, offset: 0, data: bytes.subarray(0, 1) }, OPERATOR));
      open.push({ name, address, bytes });
      return;
    }
    case 1:
      return finish(world, open.splice(random.integer(open.length + 1), 1)[0]);
    case 2: {
      const name = await files.begin({ address, bytes: bytes.length }, OPERATOR);
      return finish(world, { name, address, bytes });
    }
    case 3:
      return publish(world, bytes);
    default: {
      const gone = random.integer(2) === 0 ? address : `demo.test:site:1.0.${random.integer(3)}`;
      await registry.remove({ address: gone }, OPERATOR).catch(ignore("not_found"));
    }
  }
}

async function finish({ files }: World, upload: Upload | undefined): Promise<void> {
  if (upload === undefined) return;
  const { name, address, bytes } = upload;
  const append = await unlessSwept(files.append({ upload: name, offset: 0, data: bytes }, OPERATOR));
  if (append === undefined) return;
  // What was appended just now is not old: no sweep may take it.
  await files.finish({ upload: name, address, bytes: bytes.length, digest: digestOf(bytes) }, OPERATOR);
}

async function publish({ bundles, random }: World, bytes: Uint8Array): Promise<void> {
  const content = Buffer.from(bytes).toString("hex");
  const file = { path: "/a", digest: digestOf(Buffer.from(content)), bytes: content.length };
  const manifest = sealManifest([{ ...file, contentType: "text/plain", executable: false }]);
  const packed = makeArchive([{ path: "a", content }]);
  const [address, archive] = [`demo.test:site:1.0.${random.integer(3)}`, digestOf(packed)];
  const signed = { publisher: KEY.publisher, signature: KEY.sign(manifest.text) };
  try {
    const begin = { address, archive, bytes: packed.length, digest: manifest.digest };
    const { published, offset } = await bundles.begin(begin, OPERATOR);
    if (!published && offset < packed.length)
      await bundles.append({ archive, offset, piece: packed.subarray(offset) }, OPERATOR);
    await bundles.publish({ address, archive, manifest: manifest.text, ...signed }, OPERATOR);
  } catch (error) {
    ignore("already_exists")(error); // Another content has that version.
  }
}

/** Of what was begun long ago a sweep takes the bytes: then it is begun anew. */
const unlessSwept = <T>(doing: Promise<T>) => doing.catch(ignore("not_found"));

function ignore(code: string): (error: unknown) => undefined {
  return (error) => {
    if (!isOrreryError(error) || error.code !== code) throw error;
    return undefined;
  };
}

/** Digests by what names them. */
async function named({ registry }: World): Promise<Map<string, string>> {
  const { resources } = await registry.list({ selector: "**" }, OPERATOR);
  return new Map(
    resources.flatMap(({ address, state }) => Object.values(state).map(({ digest }) => [digest, address] as const)),
  );
}

async function assertNothingLost(world: World, when: string): Promise<void> {
  for (const [digest, address] of await named(world))
    assert.notEqual(await world.blobs.size(digest), undefined, `${when}: the bytes of ${address} are gone`);
}
