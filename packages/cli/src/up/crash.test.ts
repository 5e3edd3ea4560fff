import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { type Client, type ClientNode, createTableDirectory } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createMeshClient } from "@orrery/mesh";
import { RegistryService, type WatchResponse } from "@orrery/registry/service";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

/** How often it is killed: `ORRERY_CRASHES=100` says more. */
const CRASHES = Number(process.env["ORRERY_CRASHES"] ?? 8);
const SEED = Number(process.env["ORRERY_SEED"] ?? 7);
const CLIENTS = 4;
/** Acknowledged writes of one life, at most. */
const WRITES_MAX = 120;
const TIMEOUT_MS = 60_000;

const cwd = mkdtempSync(join(tmpdir(), "orrery-crash-"));
chmodSync(cwd, 0o755); // As root, PostgreSQL runs as another user, who must get in.
const random = createSeededRandom(SEED);
const below = (count: number) => random.integer(count);
let running: Running | undefined;
let database = 0;
after(() => {
  running?.child.kill("SIGKILL");
  try {
    if (database > 0) process.kill(database, "SIGKILL");
  } catch {
    // It has ended, as it should.
  }
  rmSync(cwd, { recursive: true, force: true });
});

type Ready = RunEvent & {
  readonly database: { readonly pid: number; readonly found: boolean };
  readonly revision: number;
};
type Registry = Client<typeof RegistryService>;

/** What a client was told of an address that it alone writes: the title, or that it is gone. */
type Told = Map<string, string | undefined>;

async function start(): Promise<{ ready: Ready; clients: readonly ClientNode[] }> {
  running = startEvents(["up", "--port=0", "--http=0", "--web-port=0"], { cwd });
  const ready = (await running.next("ready")) as Ready;
  database = ready.database.pid;
  const directory = createTableDirectory({ [RegistryService.typeName]: [ready.address] });
  const clients = Array.from({ length: CLIENTS }, () => createMeshClient({ directory, agent: "operator" }));
  return { ready, clients: await Promise.all(clients) };
}

/** Writes one thing after the other until the server is gone; what is under way then may be there or not. */
async function load(
  registry: Registry,
  of: { life: number; client: number; told: Told; unsure: Set<string>; onDone: () => void },
) {
  const own: string[] = [];
  for (let n = 0; ; n++) {
    const isNew = own.length === 0 || below(3) > 0;
    const name = `l${of.life}-${of.client}-${n}`;
    const address = isNew ? `demo.test:files:/${name}/a/b/c.txt` : (own[below(own.length)] ?? "");
    const isGoing = !isNew && below(3) === 0;
    const root = `${address.slice(0, -"a/b/c.txt".length)}`;
    of.unsure.add(address);
    try {
      if (isNew)
        await registry.create(
          { address, kind: "File", directories: true, properties: { contentType: name } },
          { timeoutMs: TIMEOUT_MS },
        );
      else if (isGoing) await registry.remove({ address: root, recursive: true }, { timeoutMs: TIMEOUT_MS });
      else await registry.change({ address, properties: { contentType: name } }, { timeoutMs: TIMEOUT_MS });
    } catch (error) {
      if (running?.child.killed) return;
      throw error;
    }
    of.unsure.delete(address);
    of.told.set(address, isGoing ? undefined : name);
    if (isNew) own.push(address);
    if (isGoing) own.splice(own.indexOf(address), 1);
    of.onDone();
  }
}

/** All changes after a revision, up to where the registry is. */
async function changesAfter(
  registry: Registry,
  { after, head }: { after: number; head: number },
): Promise<WatchResponse[]> {
  const changes: WatchResponse[] = [];
  if (after === head) return changes;
  for await (const change of registry.watch({ selector: "**", after: BigInt(after) })) {
    if (change.resource !== undefined) changes.push(change);
    if (Number(change.revision) >= head) break;
  }
  return changes;
}

async function listed(registry: Registry): Promise<Map<string, { title: unknown; revision: number }>> {
  const all = new Map<string, { title: unknown; revision: number }>();
  for (let after = ""; ; ) {
    const page = await registry.list({ selector: "**", after }, { timeoutMs: TIMEOUT_MS });
    for (const { address, properties, revision } of page.resources)
      all.set(address, { title: properties?.["contentType"], revision: Number(revision) });
    if (page.next === "") return all;
    after = page.next;
  }
}

it(`orrery up keeps every acknowledged write, and none by half, when it is killed under load, from seed ${SEED}`, async () => {
  const told: Told = new Map();
  const unsure = new Set<string>();
  const replayed = new Map<string, number>();
  let seen = 0;
  for (let life = 0; life <= CRASHES; life++) {
    const { ready, clients } = await start();
    assert.equal(ready.database.found, life > 0);
    const registries = clients.map((client) => client.client(RegistryService));
    const [registry] = registries as [Registry];

    const changes = await changesAfter(registry, { after: seen, head: ready.revision });
    assert.deepEqual(
      changes.map(({ revision }) => Number(revision)),
      Array.from({ length: ready.revision - seen }, (_, n) => seen + n + 1),
      "revisions follow one another without a gap",
    );
    for (const { parts, resource, revision } of changes)
      if (parts.includes("removed")) replayed.delete(resource?.address ?? "");
      else replayed.set(resource?.address ?? "", Number(revision));
    const found = await listed(registry);
    assert.deepEqual(
      [...found].map(([address, { revision }]) => [address, revision]).sort(),
      [...replayed].sort(),
      "what is there is what the changes say",
    );
    for (const [address, title] of told)
      if (!unsure.has(address)) assert.equal(found.get(address)?.title, title, `acknowledged: ${address}`);
    for (const address of found.keys())
      if (address.endsWith("/a/")) assert.ok(found.has(`${address}b/c.txt`), `whole or absent: ${address}`);
    for (const address of unsure) {
      if (found.has(address)) told.set(address, String(found.get(address)?.title));
      else told.set(address, undefined);
    }
    unsure.clear();
    seen = ready.revision;

    if (life === 0) {
      await registry.create({ address: "demo.test", kind: "Space" });
      await registry.create({ address: "demo.test:files", kind: "FileSystem" });
    }
    if (life === CRASHES) {
      await Promise.all(clients.map((client) => client.stop()));
      running?.child.kill("SIGTERM");
      assert.equal((await running?.ended)?.exit, 0);
      return;
    }
    let left = 1 + below(WRITES_MAX);
    const onDone = () => {
      if (--left === 0) running?.child.kill("SIGKILL");
    };
    await Promise.all(registries.map((one, client) => load(one, { life, client, told, unsure, onDone })));
    await running?.ended;
    await Promise.all(clients.map((client) => client.stop()));
  }
});
