import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type ClientNode, outcomeOf } from "@orrery/core";
import { launchProcesses } from "../launch-processes.ts";
import { createLiveDirectory } from "../live-directory.ts";
import { createMeshClient, createMeshNode } from "../mesh-node.ts";
import { createSupervisor } from "../supervise/supervisor.ts";
import { componentProgram } from "../supervise/system-door.ts";
import { Orders, orders } from "../testing/apps/orders.ts";
import { APPS } from "../testing/apps.ts";
import { createRealMachine, REAL_RULES } from "../testing/supervise/real-machine.ts";
import { waitUntil } from "../testing/wait-until.ts";

const KILLS = process.env["ORRERY_LONG"] === "1" ? 100 : 12;

/** Sends orders again and again until it is told to end; gives those that were acknowledged. */
function steadyOrders(client: ClientNode, file: string, pass: (ms: number) => Promise<void>) {
  const tickets: Promise<string>[] = [];
  const acknowledged: string[] = [];
  let isOver = false;
  const place = async (order: string) => {
    const { accepted } = client.send(Orders).place({ order, file }, { timeoutMs: 5_000, idempotencyKey: order });
    const { kind } = await outcomeOf(accepted);
    if (kind === "reply") acknowledged.push(order);
    return kind;
  };
  const running = (async () => {
    for (let burst = 0; !isOver; burst++, await pass(5))
      for (let number = 0; number < 5; number++) tickets.push(place(`order-${burst}-${number}`));
  })();
  return {
    acknowledged,
    async end() {
      isOver = true;
      await running;
      await Promise.all(tickets);
    },
  };
}

function handledIn(file: string): readonly (readonly [order: string, attempt: number])[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])]);
}

test("createFileJournal loses no acknowledged message of a process that is killed again and again under load", async () => {
  await using machine = await createRealMachine();
  const { clock, random, store } = machine;
  const directory = createLiveDirectory();
  const onRoutes = (routes: ReadonlyMap<string, string>) => directory.replace({ "test.orders": [...routes.values()] });
  const supervisor = await createSupervisor({ clock, random, store, control: machine.control(), onRoutes });
  const program = componentProgram({
    paths: ["orders.ts"],
    cwd: APPS,
    component: "test.orders",
    node: "orders-0",
    journalFolder: join(machine.folder, "journal", "orders-0"),
  });
  const rules = { ...REAL_RULES, restartsMax: 1000 };
  supervisor.apply({ groups: [{ name: "orders", rules, children: [{ name: "orders-0", program }] }] });
  const client = await createMeshClient({ directory });
  const file = join(machine.folder, "handled");
  const load = steadyOrders(client, file, machine.pass);
  const child = () => supervisor.status().find(({ name }) => name === "orders-0");
  for (let kill = 0; kill < KILLS; kill++) {
    const before = load.acknowledged.length;
    await waitUntil(() => child()?.state === "ready" && load.acknowledged.length > before + 20);
    await machine.pass(random.next() * 30);
    await machine.act(child()?.pid ?? 0, "kill");
    await waitUntil(() => child()?.state !== "ready");
  }
  await waitUntil(() => child()?.state === "ready");
  await load.end();
  const lost = () => {
    const handled = new Set(handledIn(file).map(([order]) => order));
    return load.acknowledged.filter((order) => !handled.has(order));
  };
  await waitUntil(() => lost().length === 0).catch(() => undefined);
  assert.deepEqual(lost(), []);
  assert.ok(load.acknowledged.length > KILLS * 20, `${load.acknowledged.length} were acknowledged`);
  const repeats = handledIn(file).filter(([, attempt]) => attempt > 0);
  assert.ok(repeats.length > 0, "a later life handled what an earlier one had accepted");
  await client.stop();
  await supervisor.stop();
});

test("launchProcesses keeps messages under .orrery/journal, and the next run handles what is left", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "orrery-journal-"));
  const file = join(cwd, "handled");
  const launch = () => launchProcesses({ paths: [join(APPS, "orders.ts")], cwd, listen: "tcp://127.0.0.1:0" });
  const first = await launch();
  const client = await createMeshClient({ directory: first.directory });
  const orders = Array.from({ length: 300 }, (_, number) => `order-${number}`);
  await Promise.all(orders.map((order) => client.send(Orders).place({ order, file }).accepted));
  first.kill();
  await client.stop();
  await first.stop();
  assert.ok(handledIn(file).length < orders.length, "the process was killed before it was done");
  assert.deepEqual(readdirSync(join(cwd, ".orrery/journal")), ["test.orders-0"]);
  const second = await launch();
  await waitUntil(() => new Set(handledIn(file).map(([order]) => order)).size === orders.length);
  await second.stop();
  await rm(cwd, { recursive: true });
});

test("createMeshNode keeps messages in its journalFolder, and refuses two journals", async () => {
  const folder = await mkdtemp(join(tmpdir(), "orrery-journal-"));
  const journalFolder = join(folder, "journal");
  const node = await createMeshNode({ components: [orders], journalFolder });
  await node.start();
  await assert.rejects(createMeshNode({ components: [orders], journalFolder }), { code: "failed_precondition" });
  const journal = { close: async () => undefined } as never;
  await assert.rejects(createMeshNode({ components: [orders], journalFolder, journal }), {
    code: "invalid_argument",
    message: `Cannot make a node: it has a journal and journalFolder "${journalFolder}", give either`,
  });
  const file = join(folder, "handled");
  await node.send(Orders).place({ order: "one", file }).accepted;
  await node.stop();
  assert.deepEqual(handledIn(file), [["one", 0]]);
  assert.equal(readdirSync(journalFolder).length, 1);
  const again = await createMeshNode({ components: [orders], journalFolder });
  await again.start();
  await again.stop();
  await rm(folder, { recursive: true });
});
