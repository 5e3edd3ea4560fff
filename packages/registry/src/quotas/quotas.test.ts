import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSystemClock, isOrreryError, type Random } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createMemoryBlobs } from "../blobs/memory-blobs.ts";
import { digestOf } from "../blobs/system-digest.ts";
import { openEmptyDatabase, openTestRegistry } from "../conformance/test-registry.ts";
import { createFiles } from "../files/create-files.ts";
import type { Files } from "../files/files.ts";
import type { Registry } from "../registry.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import type { WriteStep } from "../write/steps.ts";
import { usedOf } from "./quota.ts";

const OPERATOR = { agent: "operator" };
const ANN = "demo.test:users:ann";
const BOB = "demo.test:users:bob";
const FILES = "demo.test:files";
const KIB = 1024;
const MIB = 1024 * KIB;

async function fill(registry: Registry): Promise<void> {
  await registry.create({ address: "demo.test", kind: "Space", properties: {} }, OPERATOR);
  for (const name of ["files", "files-more"])
    await registry.create({ address: `demo.test:${name}`, kind: "FileSystem", owner: ANN }, OPERATOR);
  await registry.create({ address: `${FILES}:/d/`, kind: "Directory", owner: ANN }, OPERATOR);
}

function contentOf(bytes: number) {
  return { content: { digest: digestOf(Buffer.from(String(bytes))), bytes } };
}

/** What the registry must do, in a few lines: all content in a list, added up each time. */
function createModel() {
  let files = new Map<string, { readonly owner: string; readonly bytes: number }>();
  const quotas = new Map<string, { readonly bytes?: number; readonly of?: Readonly<Record<string, number>> }>();
  const usedIn = (all: typeof files, place: string, owner?: string) => {
    let sum = 0;
    for (const [address, one] of all) {
      const isIn = place.endsWith("/") ? address.startsWith(place) : address.startsWith(`${place}:`);
      if (isIn && (owner === undefined || owner === one.owner)) sum += one.bytes;
    }
    return sum;
  };
  /** Takes a step, unless it brings more to where there is too much then. */
  const tryStep = (next: typeof files): boolean => {
    for (const [place, { bytes, of = {} }] of quotas)
      for (const [owner, most] of [[undefined, bytes] as const, ...Object.entries(of)]) {
        if (most === undefined) continue;
        const after = usedIn(next, place, owner);
        if (after > most && after > usedIn(files, place, owner)) return false;
      }
    files = next;
    return true;
  };
  return {
    quotas,
    usedIn: (place: string, owner?: string) => usedIn(files, place, owner),
    tryStep,
    files: () => files,
  };
}

type Model = ReturnType<typeof createModel>;

/** A write by chance, and whether the model took it. */
function nextStep(random: Random, model: Model): { readonly steps: readonly WriteStep[]; readonly isTaken: boolean } {
  const pick = <T>(of: readonly T[]) => of[random.integer(of.length)] as T;
  const address = `${pick([`${FILES}:/`, `${FILES}:/d/`, "demo.test:files-more:/"])}${pick(["a", "b", "c"])}`;
  const there = model.files().get(address);
  const next = new Map(model.files());
  const dice = random.integer(10);
  if (dice < 5 || there === undefined) {
    const bytes = random.integer(60);
    next.set(address, { owner: there?.owner ?? "operator", bytes });
    const create = { address, kind: "File", strategy: "update", state: contentOf(bytes) } as const;
    return { steps: [{ create }], isTaken: model.tryStep(next) };
  }
  if (dice < 7) {
    next.delete(address);
    return { steps: [{ remove: { address } }], isTaken: model.tryStep(next) };
  }
  const owner = pick([ANN, BOB, "operator"]);
  const bytes = dice < 9 ? there.bytes : random.integer(60);
  next.set(address, { owner, bytes });
  return { steps: [{ change: { address, owner, state: contentOf(bytes) } }], isTaken: model.tryStep(next) };
}

async function setQuota(registry: Registry, model: Model, random: Random): Promise<void> {
  const place = ["demo.test", FILES, `${FILES}:/d/`][random.integer(3)] as string;
  const quota = {
    ...(random.integer(2) === 0 ? {} : { bytes: random.integer(200) }),
    ...(random.integer(2) === 0 ? {} : { of: { [ANN]: random.integer(90), [BOB]: random.integer(90) } }),
  };
  await registry.change({ address: place, properties: { quota } }, OPERATOR);
  model.quotas.set(place, quota);
}

describe("assertWithinQuotas", () => {
  for (const seed of [1, 2, 3, 4])
    it(`takes and refuses writes as a model of a few lines, many at once, seed ${seed}`, async () => {
      const random = createSeededRandom(seed);
      const model = createModel();
      await using registry = await openTestRegistry();
      await fill(registry);
      let refused = 0;
      for (let round = 0; round < 60; round++) {
        if (round % 4 === 0) await setQuota(registry, model, random);
        const asked = Array.from({ length: 1 + random.integer(8) }, () => nextStep(random, model));
        const endings = await Promise.allSettled(asked.map(({ steps }) => registry.apply(steps, OPERATOR)));
        for (const [at, ending] of endings.entries()) {
          const { steps, isTaken } = asked[at] as (typeof asked)[number];
          assert.equal(ending.status === "fulfilled", isTaken, JSON.stringify({ round, steps, ending }));
          if (ending.status === "fulfilled") continue;
          refused++;
          assert.ok(isOrreryError(ending.reason) && ending.reason.code === "resource_exhausted", String(ending.reason));
        }
        for (const { address, owner, bytes } of await registry.quotas(`${FILES}:/d/x`, OPERATOR))
          assert.equal(bytes, model.usedIn(address, owner), `${round} ${address} ${owner}`);
      }
      assert.ok(refused > 20, `only ${refused} were refused`);
    });

  it("holds where two registries write to one database", async () => {
    const database = await openEmptyDatabase();
    await using one = await openTestRegistry({ database, isShared: true });
    await using two = await openTestRegistry({ database, isShared: true, random: createSeededRandom(2) });
    await fill(one);
    await one.change({ address: FILES, properties: { quota: { bytes: 1_000 } } }, OPERATOR);
    const write = (registry: Registry, at: number) => {
      const create = { address: `${FILES}:/${at}`, kind: "File", state: contentOf(100) };
      return registry.apply([{ create }], OPERATOR);
    };
    const endings = await Promise.allSettled(
      Array.from({ length: 30 }, (_, at) => write(at % 2 === 0 ? one : two, at)),
    );
    assert.equal(endings.filter(({ status }) => status === "fulfilled").length, 10);
    const [quota] = await one.quotas(FILES, OPERATOR);
    assert.deepEqual(quota, { address: FILES, bytesMax: 1_000, bytes: 1_000 });
  });

  it("counts what is whole: several resources of one write fit together or not at all", async () => {
    await using registry = await openTestRegistry();
    await fill(registry);
    await registry.change({ address: FILES, properties: { quota: { bytes: 100 } } }, OPERATOR);
    const step = (name: string) => ({ create: { address: `${FILES}:/${name}`, kind: "File", state: contentOf(60) } });
    const why =
      'Cannot write "demo.test:files:/a": quota: 120 of 100 bytes in "demo.test:files", remove something there';
    await expectRefusal(registry.apply([step("a"), step("b")], OPERATOR), "resource_exhausted", why);
    await expectRefusal(registry.get(`${FILES}:/a`, OPERATOR), "not_found", "there is no such resource");
    await registry.apply([step("a")], OPERATOR);
    await registry.apply([{ remove: { address: `${FILES}:/a` } }, step("b")], OPERATOR);
  });

  it("lets nobody raise the quota of what he owns himself, and who may write what that lies in", async () => {
    await using registry = await openTestRegistry();
    await fill(registry);
    const raise = { address: FILES, properties: { quota: { bytes: 5 } } };
    await expectRefusal(registry.change(raise, { agent: ANN }), "permission_denied", 'Cannot set "quota"');
    await registry.change(raise, OPERATOR);
    const { properties } = await registry.get(FILES, { agent: ANN });
    assert.deepEqual(properties["quota"], { bytes: 5 });
    for (const quota of [{ bytes: -1 }, { bytes: 1.5 }, { of: { [ANN]: "1MiB" } }, { byte: 1 }])
      await expectRefusal(
        registry.change({ address: FILES, properties: { quota } }, OPERATOR),
        "invalid_argument",
        'Cannot set "quota"',
      );
  });
});

/** Files over a registry with a quota of 1 MiB. */
async function openFiles() {
  const clock = createSystemClock();
  const registry = await openTestRegistry({ clock });
  await fill(registry);
  await registry.change({ address: FILES, properties: { quota: { bytes: MIB } } }, OPERATOR);
  const blobs = createMemoryBlobs({ clock });
  const open = (seed: number) => createFiles({ registry, blobs, clock, random: createSeededRandom(seed) });
  const files = open(7);
  const close = async () => {
    await files[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  };
  return { registry, blobs, files, open, [Symbol.asyncDispose]: close };
}

async function send(files: Files, address: string, bytes: number): Promise<void> {
  const data = Buffer.alloc(bytes, address);
  const upload = await files.begin({ address, bytes }, OPERATOR);
  await files.append({ upload, offset: 0, data }, OPERATOR);
  await files.finish({ upload, address, bytes, digest: digestOf(data) }, OPERATOR);
}

describe("createReservations", () => {
  it("refuses an upload before a byte of it comes, and leaves nothing of it", async () => {
    await using life = await openFiles();
    const { files, registry, blobs } = life;
    await send(files, `${FILES}:/a`, 600 * KIB);
    await expectRefusal(
      send(files, `${FILES}:/b`, 600 * KIB),
      "resource_exhausted",
      'Cannot upload to "demo.test:files:/b": quota: 1.2 of 1.0 MiB in "demo.test:files"',
    );
    assert.equal((await Array.fromAsync(blobs.list("uploads"))).length, 0);
    assert.equal((await Array.fromAsync(blobs.list("blobs"))).length, 1);
    await send(files, `${FILES}:/a`, 1_000 * KIB); // In the place of what is there.
    await registry.remove({ address: `${FILES}:/a` }, OPERATOR);
    await send(files, `${FILES}:/b`, 600 * KIB);
  });

  it("lets as many of uploads at once begin as fit, whoever has the store open", async () => {
    await using life = await openFiles();
    const { registry, open } = life;
    await using other = open(8);
    const begin = (at: number) =>
      (at % 2 === 0 ? life.files : other).begin({ address: `${FILES}:/${at}`, bytes: 300 * KIB }, OPERATOR);
    const first = await begin(1);
    const endings = await Promise.allSettled(Array.from({ length: 8 }, (_, at) => begin(10 + 2 * at)));
    assert.equal(endings.filter(({ status }) => status === "fulfilled").length, 2);
    await expectRefusal(begin(3), "resource_exhausted", "quota: 1.2 of 1.0 MiB");
    await expectRefusal(begin(3), "resource_exhausted", "uploads under way included");
    await other.abandon(first, OPERATOR);
    await begin(3);
    assert.deepEqual(
      (await registry.quotas(FILES, OPERATOR)).map(({ bytes }) => bytes),
      [0],
    );
  });

  it("counts uploads to one file once: who lost the first may begin again", async () => {
    await using life = await openFiles();
    for (let tries = 0; tries < 3; tries++)
      await life.files.begin({ address: `${FILES}:/a`, bytes: 600 * KIB }, OPERATOR);
    await send(life.files, `${FILES}:/a`, 600 * KIB);
  });

  it("never lets parallel uploads overshoot, by chance of who is where", async () => {
    await using life = await openFiles();
    const { files, registry } = life;
    const random = createSeededRandom(5);
    const sizes = Array.from({ length: 40 }, () => 20 * KIB + random.integer(100 * KIB));
    const endings = await Promise.allSettled(sizes.map((bytes, at) => send(files, `${FILES}:/${at}`, bytes)));
    const sum = sizes.reduce((all, bytes, at) => all + (endings[at]?.status === "fulfilled" ? bytes : 0), 0);
    const [quota] = await registry.quotas(FILES, OPERATOR);
    assert.equal(quota?.bytes, sum);
    assert.ok(sum <= MIB && sum > MIB - 120 * KIB, `${sum}`);
    await send(files, `${FILES}:/rest`, MIB - sum);
    await expectRefusal(send(files, `${FILES}:/one`, 1), "resource_exhausted", "1048577 of 1048576 bytes");
  });
});

describe("usedOf", () => {
  for (const [bytes, most, text] of [
    [1200 * KIB, MIB, "1.2 of 1.0 MiB"],
    [MIB + 1, MIB, "1048577 of 1048576 bytes"],
    [600, 512, "600 of 512 bytes"],
    [3 * 1024 * MIB, 1536 * MIB, "3.0 of 1.5 GiB"],
    [1, 0, "1 of 0 bytes"],
  ] as const)
    it(`writes ${bytes} of ${most} as ${text}`, () => assert.equal(usedOf(bytes, most), text));
});
