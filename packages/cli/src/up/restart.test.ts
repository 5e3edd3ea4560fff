import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { type Client, type ClientNode, createTableDirectory } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { RegistryService } from "@orrery/registry/service";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const RESOURCES = 10_000;
/** Those that the first start makes. */
const FIRST = 5;
/** Writes under way at once. */
const LANES = 256;
const TIMEOUT_MS = 60_000;

const cwd = mkdtempSync(join(tmpdir(), "orrery-restart-"));
chmodSync(cwd, 0o755); // As root, PostgreSQL runs as another user, who must get in.
let running: Running | undefined;
let database = 0;
const clients: ClientNode[] = [];
after(async () => {
  running?.child.kill("SIGKILL");
  killDatabase();
  await Promise.all(clients.map((client) => client.stop()));
  rmSync(cwd, { recursive: true, force: true });
});

type Ready = RunEvent & {
  readonly database: { readonly pid: number; readonly found: boolean };
  readonly revision: number;
};
type Registry = Client<typeof RegistryService>;

function killDatabase(): void {
  try {
    if (database > 0) process.kill(database, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/** Ends PostgreSQL and waits until its last process has let go of the data, which may be busy writing. */
async function endDatabase(): Promise<void> {
  const children = readFileSync(`/proc/${database}/task/${database}/children`, "utf8").trim().split(" ");
  killDatabase();
  while (children.some((pid) => isAlive(Number(pid)))) await setTimeout(10);
}

/** A life of the platform, somebody who asks it, and how long it took from its process' start until it was up. */
async function start() {
  const began = performance.now();
  running = startEvents(["up", "--port=0", "--http=0", "--web-port=0"], { cwd });
  const ready = (await running.next("ready")) as Ready;
  const tookMs = Math.round(performance.now() - began);
  database = ready.database.pid;
  const directory = createTableDirectory({ [RegistryService.typeName]: [ready.address] });
  const client = await createMeshClient({ directory, agent: "operator" });
  clients.push(client);
  return { ready, tookMs, registry: client.client(RegistryService) };
}

/** One resource as a line: what it is, what is in it, and when it was last changed. */
function line(of: { address: string; kind: string; properties: unknown; labels: unknown; revision: bigint }): string {
  return JSON.stringify([of.address, of.kind, of.properties, of.labels, Number(of.revision)]);
}

/** Lines, sorted, so that their order says nothing. */
function digestOf(lines: readonly string[]): string {
  return createHash("sha256")
    .update([...lines].sort().join("\n"))
    .digest("hex");
}

/** Creates so many in lanes, each with content of its own. Gives the line of each that was acknowledged. */
async function createAll(registry: Registry): Promise<readonly string[]> {
  const lines: string[] = [];
  let next = 0;
  const lane = async () => {
    while (next < RESOURCES) {
      const n = next++;
      const resource = {
        address: `demo.test:b${n}`,
        kind: "Base",
        properties: { title: `number ${n} ${"x".repeat(n % 97)}` },
        labels: { lane: String(n % 7) },
      };
      const { written } = await registry.create(resource, { timeoutMs: TIMEOUT_MS });
      lines.push(line({ ...resource, revision: written?.revision ?? 0n }));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return lines;
}

async function listed(registry: Registry): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let after = ""; ; ) {
    const page = await registry.list({ selector: "demo.test:*", after }, { timeoutMs: TIMEOUT_MS });
    for (const { address, kind, properties, labels, revision } of page.resources)
      lines.push(line({ address, kind, properties, labels, revision }));
    if (page.next === "") return lines;
    after = page.next;
  }
}

it(`orrery up has all of ${RESOURCES} resources after it was killed, and after its database was, too`, async (context) => {
  const first = await start();
  await first.registry.create({ address: "demo.test", kind: "Space" });
  const told = await createAll(first.registry);
  const digest = digestOf(told);
  const starts: string[] = [];
  for (const killed of ["orrery up", "orrery up and PostgreSQL"]) {
    running?.child.kill("SIGKILL");
    await running?.ended;
    if (killed !== "orrery up") await endDatabase();
    const { ready, tookMs, registry } = await start();
    assert.deepEqual([ready.database.found, ready.revision], [killed === "orrery up", FIRST + RESOURCES + 1]);
    const found = await listed(registry);
    assert.deepEqual([found.length, digestOf(found)], [RESOURCES, digest], `after ${killed} ended`);
    starts.push(`${tookMs} ms after ${killed} was killed`);
  }
  context.diagnostic(`an empty start took ${first.tookMs} ms; with ${RESOURCES} resources ${starts.join(", ")}`);
  running?.child.kill("SIGTERM");
  assert.equal((await running?.ended)?.exit, 0);
});

/** One that has ended and that nobody asked how is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
