import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { splitScript } from "../resources/split-line.ts";
import { buildScript } from "../testing/build-mechtron.ts";
import { curl } from "../testing/curl.ts";
import { type } from "../testing/memory-terminal.ts";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const MIB = 1024 * 1024;
const REQUESTS = 1_000;

/** Answers at once, or counts in a loop for as long as it is told. */
const SCRIPT = `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  services: { loop: { add: ({ text }: { text: string }) => ({ length: text.length }) } },
  async http({ query }) {
    let sum = 0;
    for (let step = 0; step < Number(query); step++) sum = (sum + step) % 1000003;
    return { body: String(sum) };
  },
});
`;
const APP = `timeout: 30s
mechtrons:
  loop: { path: loop.js, cpu: 1m }
routes:
  - { path: "/loop", mechtron: loop }
`;

/** Keeps a processor busy for as long as it is told, by its own measure. */
const BURNER = `
import { defineComponent, defineService, json } from "@orrery/core";
const Burner = defineService("test.burner", {
  burn: { request: json<{ ms: number }>(), reply: json<{ pid: number }>() },
});
export default defineComponent(Burner, () => ({
  burn: async ({ ms }, { clock }) => {
    const before = process.cpuUsage();
    const usedUs = () => Object.values(process.cpuUsage(before)).reduce((sum, us) => sum + us, 0);
    for (let nextUs = 0; nextUs < ms * 1000; await clock.sleep(0)) // Who never pauses is taken for one that hangs, where others are busy.
      for (nextUs += 10_000; usedUs() < nextUs; );
    return { pid: process.pid };
  },
}));
`;
const BURNS = `components: { burner: burner.ts }
routes:
  - { path: /burn, service: test.burner/burn }
`;

const cwd = mkdtempSync(join(tmpdir(), "orrery-metering-"));
chmodSync(cwd, 0o755); // As root, PostgreSQL runs as another user, who must get in.
let up: Running;
let ready: RunEvent & { readonly web: string; readonly http: string };
before(async () => {
  await start();
  for (const line of ["create demo.test<Space>", "create demo.test:files<FileSystem>"]) await done(line);
});
after(async () => {
  up?.child.kill("SIGTERM");
  await up?.ended;
  rmSync(cwd, { recursive: true, force: true });
});

async function start(): Promise<void> {
  up = startEvents(["up", "--port=0", "--http=0", "--web-port=0", "--isolation=none"], { cwd });
  ready = (await up.next("ready")) as typeof ready;
}

async function done(line: string): Promise<string> {
  const words = splitScript(line)[0]?.words ?? [];
  const { exit, out, err } = await type(words, { cwd, env: { ORRERY_SERVER: ready.address, HOME: cwd } });
  assert.equal(exit, 0, `${line}: ${err}`);
  return out;
}

function write(name: string, text: string | Buffer): void {
  mkdirSync(join(cwd, name, ".."), { recursive: true });
  writeFileSync(join(cwd, name), text);
}

const METERS = ["networkIn", "networkOut", "cpuMs", "messages", "fileBytes", "databaseBytes"] as const;
type Counts = { readonly [meter in (typeof METERS)[number]]: number };
interface Told extends Counts {
  readonly parts: readonly (Counts & { readonly address: string })[];
  readonly owners: readonly (Counts & { readonly owner: string })[];
}

/** What was used; the total is the sum of its parts. */
async function usage(words = "demo.test"): Promise<Told> {
  const told = JSON.parse(await done(`usage ${words} --output=json`)) as Told;
  for (const meter of METERS) {
    const sum = (told.parts ?? told.owners).reduce((all, part) => all + part[meter], 0);
    assert.ok(Math.abs(sum - told[meter]) < 1e-6, `${meter}: ${sum} and ${told[meter]}`);
  }
  return told;
}

/** Asks over one connection, again and again; gives how many bytes went and came. */
async function ask(paths: readonly string[]): Promise<{ readonly sent: number; readonly received: number }> {
  return await exchange(paths.map((path) => ({ url: `${ready.web}${path}`, status: 200 })));
}

interface Asked {
  readonly url: string;
  readonly status: number;
  /** Default: a GET. */
  readonly body?: string;
}

async function exchange(all: readonly Asked[]): Promise<{ readonly sent: number; readonly received: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set<Socket>();
  for (const { url, status, body } of all) {
    const headers = { host: "demo.test", "content-type": "application/json" };
    const asking = request(url, { agent, headers, method: body === undefined ? "GET" : "POST" }).end(body);
    const [answer] = await once(asking, "response");
    sockets.add(answer.socket);
    assert.equal(answer.statusCode, status, url);
    await answer.resume().toArray();
  }
  agent.destroy();
  const ends = [...sockets];
  await Promise.all(ends.map((socket) => socket.destroyed || once(socket, "close")));
  const sum = (of: (socket: Socket) => number) => ends.reduce((bytes, socket) => bytes + of(socket), 0);
  return { sent: sum(({ bytesWritten }) => bytesWritten), received: sum(({ bytesRead }) => bytesRead) };
}

/** Time of the processor of each thread of the platform, in ms, as the system counts it. */
function threads(): Map<string, number> {
  const tasks = `/proc/${ready.pid}/task`;
  const timeOf = (task: string) => {
    const fields = readFileSync(join(tasks, task, "stat"), "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };
  return new Map(readdirSync(tasks).map((task) => [task, timeOf(task)]));
}

/** Time of the processor of a process, in ms, as the system counts it. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Has another process of the app than one burn so long; gives its number. */
async function burn(ms: number, other = 0): Promise<number> {
  for (const lastMs = performance.now() + 60_000; ; ) {
    const answer = await curl(`${ready.web}/burn`, "demo.test", [
      "-H",
      "content-type: application/json",
      "-d",
      `{"ms":${ms}}`,
    ]);
    const { pid = 0 } = answer.status === 200 ? (JSON.parse(answer.body) as { readonly pid: number }) : {};
    if (pid !== 0 && pid !== other) return pid;
    assert.ok(performance.now() < lastMs, answer.body);
  }
}

async function untilReady(address: string): Promise<void> {
  for (const lastMs = performance.now() + 60_000; ; ) {
    const { status } = JSON.parse(await done(`get ${address} --output=json`));
    if (status.state === "Ready" && status.details?.runs !== undefined) return;
    assert.ok(performance.now() < lastMs, JSON.stringify(status));
  }
}

function near(told: number, truth: number, what: string): void {
  assert.ok(Math.abs(told - truth) <= truth * 0.05, `${what}: ${told} were told, ${truth} is true`);
}

describe("the meters of orrery up", () => {
  it("tell an upload of 10 MiB, to the byte", async () => {
    write("ten.bin", Buffer.alloc(10 * MIB, "orrery"));
    await done("cp ten.bin demo.test:files:/ten.bin");
    const { parts } = await usage();
    const files = parts.find(({ address }) => address === "demo.test:files");
    assert.deepEqual([files?.fileBytes, files?.networkIn], [10 * MIB, 10 * MIB]);
  });

  it("tell 1,000 requests, with all bytes of their connections", async () => {
    write("index.html", "<h1>hello</h1>".repeat(50));
    write("bind.yaml", "routes:\n  - { path: '/site/{rest*}', files: '.:files:/{rest}' }\n");
    for (const line of [
      "cp index.html demo.test:files:/index.html",
      "cp bind.yaml demo.test:files:/bind.yaml",
      "auth grant read on demo.test:files:** to anyone",
      "set demo.test --set bind=.:files:/bind.yaml",
    ])
      await done(line);
    const before = await usage();
    const paths = Array.from({ length: REQUESTS }, () => "/site/index.html");
    const { sent, received } = await ask(paths);
    const after = await usage();
    assert.equal(after.messages - before.messages, REQUESTS);
    assert.deepEqual([after.networkIn - before.networkIn, after.networkOut - before.networkOut], [sent, received]);
    const { parts } = await usage("demo.test:files");
    assert.equal(parts.find(({ address }) => address === "demo.test:files:/index.html")?.messages, REQUESTS + 1);
  });

  it("tell calls at the HTTP door, for what they name, or what it would lie in, and nobody's for nobody", async () => {
    const ask = (method: string, message: object, status: number): Asked => ({
      url: `${ready.http}/orrery.registry.v1.RegistryService/${method}`,
      body: JSON.stringify(message),
      status,
    });
    const there = "demo.test:files:/index.html";
    const before = { all: await usage(), file: (await usage("demo.test:files")).parts };
    const first = await exchange([
      ask("Get", { address: there }, 200),
      ask("Get", { address: "demo.test:files:/not/there" }, 404),
    ]);
    await exchange([ask("Get", { address: "nobodys.test:files" }, 403), ask("Whoami", {}, 200)]);
    const second = await exchange([ask("List", { selector: "demo.test:files:*<File>" }, 200)]);
    const after = { all: await usage(), file: (await usage("demo.test:files")).parts };
    assert.equal(after.all.messages - before.all.messages, 3);
    assert.equal(after.all.networkIn - before.all.networkIn, first.sent + second.sent);
    assert.equal(after.all.networkOut - before.all.networkOut, first.received + second.received);
    const messagesOf = (parts: Told["parts"], at: string) => parts.find(({ address }) => address === at)?.messages ?? 0;
    for (const [at, messages] of [
      [there, 1],
      ["demo.test:files", 2],
    ] as const)
      assert.equal(messagesOf(after.file, at) - messagesOf(before.file, at), messages, at);
    assert.deepEqual(
      after.file.map(({ address }) => address),
      before.file.map(({ address }) => address),
    );
  });

  it("tell pieces of files at the HTTP door, and bundles that come and go, once", async () => {
    const before = await usage();
    const piece = { address: "demo.test:files:/index.html", offset: 0, length: 100 };
    const url = (method: string) => `${ready.http}/orrery.registry.v1.${method}`;
    await exchange([{ url: url("FileService/ReadFile"), body: JSON.stringify(piece), status: 200 }]);
    const read = await usage();
    const between = (one: Counts, other: Counts) =>
      (["networkIn", "networkOut", "messages"] as const).map((meter) => other[meter] - one[meter]);
    assert.deepEqual(between(before, read), [0, 100, 1]);
    write("big/five.bin", randomBytes(5 * MIB));
    await done("publish big demo.test:big:1.0.0");
    const published = await usage();
    near(between(read, published)[0] ?? 0, 5 * MIB, "bytes of a bundle that is published");
    await done("auth grant read on demo.test:big:** to anyone");
    const whole = JSON.stringify({ address: "demo.test:big:1.0.0" });
    await exchange([{ url: url("BundleService/Fetch"), body: whole, status: 200 }]);
    const fetched = await usage();
    near(between(published, fetched)[1] ?? 0, 5 * MIB, "bytes of a bundle that is fetched");
    assert.ok(fetched.parts.some(({ address, networkOut }) => address === "demo.test:big" && networkOut > 5 * MIB));
  });

  it("tell the time that a loop takes of the processor, as the system does", {
    skip: process.platform !== "linux" && "only Linux tells the time of each thread",
  }, async () => {
    mkdirSync(join(cwd, "src"), { recursive: true });
    write("src/orrery.yaml", APP);
    await buildScript(join(cwd, "src", "loop.js"), SCRIPT);
    await done("publish src demo.test:app-src:1.0.0");
    await done("create 'demo.test:app<App>{ +config=demo.test:app-src:1.0.0:/orrery.yaml }'");
    await untilReady("demo.test:app");
    await done("auth grant x on 'demo.test:app:**' to anyone");
    await ask(["/loop?1"]);
    const before = await usage("demo.test:app");
    const idle = threads();
    await ask(["/loop?6000000"]);
    const busy = threads();
    const told = await usage("demo.test:app");
    const truth = Math.max(...[...busy].map(([task, ms]) => ms - (idle.get(task) ?? 0)));
    assert.ok(truth > 500, `the loop took ${truth} ms, too little to compare`);
    near(told.cpuMs - before.cpuMs, truth, "time of the processor");
    assert.equal(told.messages - before.messages, 1);
    assert.deepEqual(
      told.parts.map(({ address }) => address),
      ["demo.test:app", "demo.test:app:loop"],
    );
    await done(`send demo.test:app:loop add '{"text":"12345"}'`);
    const sent = await usage("demo.test:app");
    assert.deepEqual(
      [sent.networkIn - told.networkIn, sent.networkOut - told.networkOut, sent.messages - told.messages],
      ['{"text":"12345"}'.length, '{"length":5}'.length, 1],
    );
  });

  it("tell the time of an app's processes on the processor, over ends of them and of the platform", {
    skip: process.platform !== "linux" && "only Linux tells the time of each process",
  }, async () => {
    rmSync(join(cwd, "src"), { recursive: true, force: true });
    write("src/orrery.yaml", BURNS);
    write("src/burner.ts", BURNER);
    await done("publish src demo.test:burn-src:1.0.0");
    await done("create 'demo.test:burn<App>{ +config=demo.test:burn-src:1.0.0:/orrery.yaml }'");
    await untilReady("demo.test:burn");
    await done("auth grant x on demo.test:burn to anyone");
    const first = await burn(1_000);
    const one = await usage("demo.test:burn");
    near(one.cpuMs, processorMs(first), "time of a process");
    assert.ok(one.cpuMs >= 1_000 && one.messages === 1 && one.networkIn > 0 && one.networkOut > 0);
    process.kill(first, "SIGKILL");
    const second = await burn(1_000, first);
    const two = await usage("demo.test:burn");
    near(two.cpuMs - one.cpuMs, processorMs(second), "time of the next process");
    const killed = once(up.child, "exit"); // Its app holds on to what it writes to.
    up.child.kill("SIGKILL");
    await killed;
    await start();
    assert.equal(await burn(500, first), second);
    near((await usage("demo.test:burn")).cpuMs - one.cpuMs, processorMs(second), "time under another platform");
    const asked = await usage("demo.test:burn");
    await done(`send demo.test:burn test.burner/burn '{"ms":1}'`);
    const sent = await usage("demo.test:burn");
    const { length } = JSON.stringify({ pid: second });
    assert.deepEqual(
      [sent.messages, sent.networkIn, sent.networkOut],
      [asked.messages + 1, asked.networkIn + '{"ms":1}'.length, asked.networkOut + length],
    );
    await done("rm demo.test:burn");
    assert.ok((await usage("demo.test:burn")).cpuMs >= sent.cpuMs, "what was used is used");
  });

  it("tell the same after a restart, and after the process was killed", async () => {
    const before = await usage();
    up.child.kill("SIGTERM");
    assert.equal((await up.ended).exit, 0);
    await start();
    const lasting = ({ networkIn, networkOut, messages, fileBytes }: Counts) => [
      networkIn,
      networkOut,
      messages,
      fileBytes,
    ];
    assert.deepEqual(lasting(await usage()), lasting(before));
    const told = await usage("demo.test --by=owner");
    assert.deepEqual(
      told.owners.map(({ owner }) => owner),
      ["operator"],
    );
    await done("rm demo.test:files:/ten.bin");
    up.child.kill("SIGKILL");
    await up.ended;
    await start();
    const [networkIn, networkOut, messages, fileBytes = 0] = lasting(before);
    assert.deepEqual(lasting(await usage()), [networkIn, networkOut, messages, fileBytes - 10 * MIB]);
  });
});
