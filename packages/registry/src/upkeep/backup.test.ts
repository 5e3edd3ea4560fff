import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { sql } from "kysely";
import type { BlobStore } from "../blobs/blob-store.ts";
import { createMemoryBlobs } from "../blobs/memory-blobs.ts";
import { TEST_SERVERS, type TestServer } from "../conformance/system-test-servers.ts";
import { createRegistry } from "../create-registry.ts";
import type { Database } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";
import { MIGRATIONS } from "../store/migrations.ts";
import type { Schema } from "../store/schema.ts";
import { createSecretBox, createSecretKey } from "../system-secret-box.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { fillRegistry, NAMED, SAFE, SECRET, standingClock } from "../testing/fill-registry.ts";
import { loadFixture } from "../testing/load-fixture.ts";
import { gather, inPieces } from "../testing/make-archive.ts";
import { OPERATOR } from "../testing/registry-case.ts";
import type { BackupPart } from "./backup-part.ts";
import { restoreBackup } from "./restore-backup.ts";
import { openBackup } from "./write-backup.ts";

const KEY = createSecretKey();
const clock = standingClock();
const scratch = mkdtempSync(join(tmpdir(), "orrery-backup-"));
const folder = join(scratch, "spool");
after(() => rmSync(scratch, { recursive: true }));

const open = (database: Database) =>
  createRegistry({ database, clock, random: createSeededRandom(1), secrets: createSecretBox([KEY]), kinds: [SAFE] });

async function backUp(database: Database, blobs: BlobStore) {
  await using backup = await openBackup({ database, blobs, folder });
  const archive = await gather(backup.read());
  assert.equal(archive.length, backup.bytes);
  return { archive, facts: backup.facts };
}

/** A registry with something of every kind, closed, and the archive of it. */
async function backUpFilled(server: TestServer) {
  const [database, blobs] = [await server.open(), createMemoryBlobs({ clock })];
  const registry = await open(database);
  await fillRegistry(registry, blobs);
  await registry[Symbol.asyncDispose]();
  const made = await backUp(database, blobs);
  await database.close();
  return { ...made, blobs };
}

for (const [name, start] of Object.entries(TEST_SERVERS))
  describe(`a backup of a registry on ${name}`, () => {
    let server: TestServer;
    before(async () => {
      server = await start();
    });
    after(() => server?.close());

    it("brings back all of it: the same registry has the same backup, byte for byte", () => bringsBack(server));
    it("is of one revision while writes go on, and has all before it", () => isOfOneRevision(server));
    it("has its parts as they were when its registry was", () => hasParts(server));
    it("of an older schema comes back in the newest", () => comesBackInNewest(server));

    it("is refused where a registry is, and where a newer version made it, and leaves no trace", async () => {
      const { archive } = await backUpFilled(server);
      const database = await server.open();
      const options = { database, blobs: createMemoryBlobs({ clock }), folder };
      const newer = Buffer.from(archive);
      await migrate(database);
      await expectRefusal(
        restoreBackup(inPieces(archive), options),
        "failed_precondition",
        "the database has a registry already",
      );
      await database.close();
      const empty = await server.open();
      await migrate(empty, [...MIGRATIONS, { name: "9000-later", up: async () => {} }]);
      const later = await backUp(empty, createMemoryBlobs({ clock }));
      await empty.close();
      const again = await server.open();
      await expectRefusal(
        restoreBackup(inPieces(later.archive), { ...options, database: again }),
        "failed_precondition",
        'it has step "9000-later" of the schema, which this version does not know',
      );
      await restoreBackup(inPieces(newer), { ...options, database: again });
      await again.close();
    });
  });

describe("restoreBackup", () => {
  let server: TestServer;
  let made: Awaited<ReturnType<typeof backUpFilled>>;
  before(async () => {
    server = await (TEST_SERVERS["PGlite"] as () => Promise<TestServer>)();
    made = await backUpFilled(server);
  });
  after(() => server?.close());
  const restore = async (archive: Uint8Array) => {
    const database = await server.open();
    try {
      return await restoreBackup(inPieces(archive, 40_000), { database, blobs: createMemoryBlobs({ clock }), folder });
    } finally {
      const tables = await database.kysely.introspection.getTables();
      assert.equal(
        tables.length > 0,
        made.archive.equals(archive),
        "there are tables where all was well, and none else",
      );
      assert.equal(existsSync(folder), false);
      await database.close();
    }
  };

  it("refuses an archive that ends early, wherever", async () => {
    const random = createSeededRandom(7);
    const ends = Array.from({ length: 40 }, () => random.integer(made.archive.length));
    for (const end of [0, 1, 511, 512, 1024, made.archive.length - 1024, made.archive.length - 1, ...ends])
      await expectRefusal(restore(made.archive.subarray(0, end)), "data_loss", "take another copy of it");
  });

  it("refuses an archive of which a bit is changed, wherever, and one that goes on", async () => {
    const random = createSeededRandom(8);
    const tables = made.archive.indexOf("blobs/");
    const places = Array.from({ length: 80 }, (_, n) => random.integer(n % 2 === 0 ? made.archive.length : tables));
    for (const place of [0, 600, 1023, made.archive.length - 1, ...places]) {
      const bent = Buffer.from(made.archive);
      bent[place] = (bent[place] ?? 0) ^ (1 << random.integer(8));
      await expectRefusal(restore(bent), "data_loss", "Cannot restore the backup");
    }
    await expectRefusal(restore(Buffer.concat([made.archive, Buffer.from("x")])), "data_loss", "something follows");
    assert.equal((await restore(made.archive)).revision, made.facts.revision);
  });
});

describe("openBackup", () => {
  it("refuses to leave bytes out that are gone, or are not what they were", async () => {
    const server = await (TEST_SERVERS["PGlite"] as () => Promise<TestServer>)();
    const [database, blobs] = [await server.open(), createMemoryBlobs({ clock })];
    const registry = await open(database);
    await fillRegistry(registry, blobs);
    const { state } = await registry.get("demo.test:files:/a.txt", OPERATOR);
    const digest = state["content"]?.digest ?? "";
    const bent: BlobStore = {
      ...blobs,
      read: async function* (one, range) {
        for await (const piece of blobs.read(one, range)) yield one === digest ? piece.map((byte) => byte ^ 1) : piece;
      },
    };
    await expectRefusal(backUp(database, bent), "data_loss", `is not ${digest} any more`);
    await blobs.remove(digest, Number.MAX_SAFE_INTEGER);
    await expectRefusal(backUp(database, blobs), "data_loss", `a resource names ${digest}, whose bytes are not there`);
    assert.equal(existsSync(folder), false);
    await registry[Symbol.asyncDispose]();
    await server.close();
  });
});

/** A service beside the registry: bytes, and something closed with a key. */
const NOTES: Schema = {
  migrations: [
    {
      name: "notes-0001-notes",
      up: async (kysely) =>
        void (await sql`create table note (id bigint primary key, bytes bytea, body json)`.execute(kysely)),
    },
  ],
  tables: [{ name: "note", order: "id", since: "notes-0001-notes", keysOf: () => ["key-of-notes"] }],
};

describe("the backup of what a service keeps beside a registry", () => {
  let server: TestServer;
  before(async () => {
    server = await (TEST_SERVERS["PGlite"] as () => Promise<TestServer>)();
  });
  after(() => server?.close());
  const fill = async () => {
    const database = await server.open();
    await migrate(database);
    await migrate(database, NOTES.migrations);
    await sql`insert into note values (7, decode('00ff10', 'hex'), '{"b" : 1,  "a":2}'::json)`.execute(database.kysely);
    return database;
  };
  const notes = (database: Database) =>
    sql`select id, encode(bytes, 'hex') as bytes, body::text as body from note`.execute(database.kysely);

  it("brings it back to the letter, with the names of its keys", async () => {
    const [database, blobs] = [await fill(), createMemoryBlobs({ clock })];
    await using backup = await openBackup({ database, blobs, folder, schemas: [NOTES] });
    assert.deepEqual(backup.facts.keys, ["key-of-notes"]);
    const archive = await gather(backup.read());
    const other = { blobs, folder: join(scratch, "other"), schemas: [NOTES] };
    await restoreBackup(inPieces(archive), { ...other, database: await server.open() });
    const { rows } = await notes(database);
    assert.deepEqual(rows, [{ id: 7, bytes: "00ff10", body: '{"b" : 1,  "a":2}' }]);
  });

  it("is refused by whoever does not know the service, so that nothing is left out", async () => {
    const [database, blobs] = [await fill(), createMemoryBlobs({ clock })];
    await expectRefusal(openBackup({ database, blobs, folder }), "failed_precondition", 'has step "notes-0001-notes"');
    await using backup = await openBackup({ database, blobs, folder, schemas: [NOTES] });
    const archive = await gather(backup.read());
    const empty = { database: await server.open(), blobs, folder: join(scratch, "other") };
    await expectRefusal(restoreBackup(inPieces(archive), empty), "failed_precondition", 'has step "notes-0001-notes"');
  });
});

async function bringsBack(server: TestServer): Promise<void> {
  const { archive, facts, blobs } = await backUpFilled(server);
  assert.deepEqual(facts.keys, [KEY.id]);
  const database = await server.open();
  const restored = createMemoryBlobs({ clock });
  assert.deepEqual(await restoreBackup(inPieces(archive, 70_000), { database, blobs: restored, folder }), facts);
  assert.equal((await backUp(database, restored)).archive.equals(archive), true);
  for await (const { name } of restored.list("blobs"))
    assert.equal((await gather(restored.read(name))).equals(await gather(blobs.read(name))), true);
  const registry = await open(database);
  assert.equal(registry.revision(), facts.revision);
  assert.equal(await registry.reveal(SECRET, OPERATOR), SECRET.value);
  assert.equal((await registry.get("demo.test:site:[latest]", OPERATOR)).address, "demo.test:site:[latest]");
  assert.equal((await registry.create(NAMED.request, NAMED.by)).changed, false);
  const ann = { agent: "demo.test:users:ann", verb: "write" as const, address: "demo.test:b:x" };
  assert.equal((await registry.can(ann, OPERATOR)).allowed, true);
  await registry[Symbol.asyncDispose]();
  await database.close();
}

const turn = () => new Promise(setImmediate);

/** Writers make and take away pairs, each as one write, while a backup is taken; what comes back must be what the changes say. */
async function isOfOneRevision(server: TestServer): Promise<void> {
  const [database, blobs] = [await server.open(), createMemoryBlobs({ clock })];
  const registry = await open(database);
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  let isOver = false;
  let pairs = 0;
  const write = async (lane: number) => {
    for (let n = 0; !isOver; n++) {
      const [left, right] = [`demo.test:l${lane}-${n}`, `demo.test:r${lane}-${n}`];
      await registry.apply(
        [{ create: { address: left, kind: "Base" } }, { create: { address: right, kind: "Base" } }],
        OPERATOR,
      );
      if (n % 3 === 0) await registry.apply([{ remove: { address: left } }, { remove: { address: right } }], OPERATOR);
      pairs++;
      await turn(); // PGlite answers within the turn.
    }
  };
  const writing = Promise.all([0, 1, 2].map(write)).finally(() => {
    isOver = true;
  });
  while (pairs < 20 && !isOver) await turn();
  const { archive, facts } = await backUp(database, blobs);
  const end = pairs;
  while (pairs < end + 20 && !isOver) await turn();
  isOver = true;
  await writing;
  assert.ok(registry.revision() > facts.revision && facts.revision > 1);
  const expected = new Set<string>();
  for await (const { revision, parts, resource } of registry.watch({ selector: "**", after: 0 }, OPERATOR)) {
    if (parts.includes("removed")) expected.delete(resource.address);
    else expected.add(resource.address);
    if (revision === facts.revision) break;
  }
  await registry[Symbol.asyncDispose]();
  await database.close();
  const empty = await server.open();
  await restoreBackup(inPieces(archive), { database: empty, blobs, folder });
  const restored = await open(empty);
  const { resources } = await restored.list({ selector: "**" }, OPERATOR);
  const found = resources.map(({ address }) => address);
  assert.deepEqual([restored.revision(), found], [facts.revision, [...expected].sort()]);
  for (const address of found)
    if (address.includes(":l")) assert.ok(found.includes(address.replace(":l", ":r")), `whole: ${address}`);
  await restored[Symbol.asyncDispose]();
  await empty.close();
}

/** A part counts what a registry was given, in the same order: held, it lets nobody hear of the next. */
async function hasParts(server: TestServer): Promise<void> {
  const [database, blobs] = [await server.open(), createMemoryBlobs({ clock })];
  const registry = await open(database);
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  let [count, tries] = [0, 0];
  let going = Promise.resolve();
  const part: BackupPart = {
    name: "counts",
    hold: async () => {
      const released = Promise.withResolvers<void>();
      going = released.promise;
      tries++;
      const files = [
        { name: "made.txt", read: async () => Buffer.from(String(at)) },
        { name: "none.txt", read: async () => undefined },
      ];
      const at = count;
      return { files, release: released.resolve };
    },
  };
  let isOver = false;
  const writing = (async () => {
    for (let n = 1; !isOver; n++) {
      await registry.create({ address: `demo.test:n${n}`, kind: "Base" }, OPERATOR);
      await going;
      count = n;
      await turn();
    }
  })();
  while (count < 5) await turn();
  await using backup = await openBackup({ database, blobs, folder, parts: [part] });
  const archive = await gather(backup.read());
  isOver = true;
  await writing;
  assert.deepEqual([backup.facts.parts, archive.length, tries], [{ counts: 1 }, backup.bytes, 1]);
  await registry[Symbol.asyncDispose]();
  await database.close();
  const empty = await server.open();
  const options = { database: empty, blobs, folder };
  await expectRefusal(
    restoreBackup(inPieces(archive), options),
    "failed_precondition",
    'nobody here takes "counts/made.txt", restore it with what made it',
  );
  const files: Record<string, string> = {};
  await restoreBackup(inPieces(archive), {
    ...options,
    onPart: async (name, content) => {
      files[name] = (await gather(content)).toString();
    },
  });
  const restored = await open(empty);
  const { resources } = await restored.list({ selector: "demo.test:*<Base>" }, OPERATOR);
  const made = Number(files["counts/made.txt"]);
  assert.ok(resources.length === made || resources.length === made + 1, `${resources.length} of ${made}`);
  await restored[Symbol.asyncDispose]();
  await empty.close();
}

async function comesBackInNewest(server: TestServer): Promise<void> {
  const { blobs } = await backUpFilled(server); // The bytes that the fixture names, too.
  const old = await server.open();
  const { key, rows } = await loadFixture(old, "0001-resources");
  const { archive, facts } = await backUp(old, blobs);
  assert.deepEqual([facts.schema, facts.keys], [["0001-resources"], [key.id]]);
  await old.close();
  const database = await server.open();
  await restoreBackup(inPieces(archive), { database, blobs: createMemoryBlobs({ clock }), folder });
  assert.deepEqual(await migrate(database), []);
  const kept = await database.kysely.selectFrom("request").select("digest").execute();
  assert.deepEqual(kept, [{ digest: "" }]);
  const count = await database.kysely.selectFrom("change").select("revision").execute();
  assert.equal(count.length, rows.filter(({ table }) => table === "change").length);
  await database.close();
}
