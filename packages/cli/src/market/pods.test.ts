import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestMarket, type TestMarket } from "../testing/market.ts";
import { PROGRAM } from "../testing/pods.ts";

const SECRET = "swordfish of the seven seas";

const POD = `name: shop
containers:
  web:
    image: ./shop
    ports: [{ port: 8080, host: shop.test }, { port: 9000 }, { port: 9001, protocol: udp }]
    health: { path: /, every: 200ms }
    volumes: { data: /data }
    secrets: { token: /run/token }
volumes: { data: 16MiB }
secrets: { token: token.txt }
`;

interface Status {
  readonly state: string;
  readonly healthy: boolean;
  readonly hourly: string;
  readonly fundsUntil: number;
  readonly images: Readonly<Record<string, string>>;
  readonly addresses: readonly { readonly protocol: string; readonly address: string }[];
  readonly replicas: readonly { readonly restarts: number; readonly lastEnd: string }[];
}

/** What TCP gives back. */
async function tcp(address: string, text: string): Promise<string> {
  const [host = "", port] = address.split(":");
  const socket = connect(Number(port), host);
  socket.write(text);
  const [data] = (await once(socket, "data", { signal: AbortSignal.timeout(5_000) })) as [Buffer];
  socket.destroy();
  return String(data);
}

/** What UDP gives back. */
async function udp(address: string, text: string): Promise<string> {
  const [host, port] = address.split(":");
  const socket = createSocket("udp4");
  socket.send(text, Number(port), host);
  const [data] = (await once(socket, "message", { signal: AbortSignal.timeout(5_000) })) as [Buffer];
  socket.close();
  return String(data);
}

/** All files below a folder, in one text. */
function textBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name), "latin1"))
    .join("\n");
}

describe("a pod on rented capacity", { timeout: 100_000 }, () => {
  let market: TestMarket;
  before(async () => {
    market = await openTestMarket(2);
    market.write("shop/server.js", PROGRAM);
    market.write("token.txt", SECRET);
    market.write("pod.yaml", POD);
  });
  after(() => market?.[Symbol.asyncDispose]());
  const status = () => market.json<Status>("pod status shop");
  const blobs = () => readdirSync(join(market.cwd, ".orrery/dev/store/blobs"), { recursive: true }).map(String).sort();

  it("is written, looked at, tried and deployed by four commands", async () => {
    market.write("try/web/server.js", PROGRAM);
    const cwd = join(market.cwd, "try");
    await market.done("pod init --image=./web --http=8080", { cwd });
    assert.match(await market.done("pod validate", { cwd }), /^pod\.yaml is valid: pod "web"/);
    const dry = await market.done("pod deploy --dry-run", { cwd });
    for (const said of [
      /asks$/m,
      /^ +an hour +[\d.]+ COIN/m,
      /^everybody learns: hosts web\.test/m,
      /^Nothing was sent or paid$/m,
    ])
      assert.match(dry, said);
    assert.deepEqual(await market.json("lease ls"), []);
    assert.match(await market.done("pod deploy", { cwd }), /^web is running, healthy$/m);
    assert.deepEqual(await market.ask("web.test"), { status: 200, body: "hello" });
    await market.done("pod delete web", { cwd });
  });

  it("is sent once, in a form that nobody but the pod reads, and deployed anywhere", async () => {
    await market.done("pod upload");
    const before = blobs();
    const digest = (await market.json<Status>("pod deploy --provider=provider-1")).images["web"] ?? "";
    const second = await market.json<Status>("pod deploy --provider=provider-2");
    assert.deepEqual(blobs(), before);
    assert.equal(second.images["web"], digest);
    assert.deepEqual(await market.ask("shop.test", { provider: 1 }), { status: 200, body: "hello" });
    assert.equal((await market.ask("shop.test", { path: "/secret" })).body, SECRET);
    const kept = textBelow(join(market.cwd, ".orrery/dev"));
    for (const plain of [SECRET, "createTcp"]) assert.equal(kept.includes(plain), false, plain);
    const { body: env } = await market.ask("shop.test", { path: "/env" });
    assert.equal(`${env}${await market.done("pod logs shop --provider=provider-1")}`.includes(SECRET), false);
    await market.done("pod delete shop --provider=provider-2");
    await market.done("dev clock +240");
    await market.done("lease settle shop --provider=provider-2");
  });

  it("is reached by host, TCP and UDP, at the addresses that its status says", async () => {
    const { addresses } = await status();
    const at = Object.fromEntries(addresses.map(({ protocol, address }) => [protocol, address]));
    assert.match(at["http"] ?? "", /^http:\/\/shop\.test:\d+$/);
    assert.equal(await tcp(at["tcp"] ?? "", "ping"), "ping");
    assert.equal(await udp(at["udp"] ?? "", "pong"), "pong");
    market.write("thief.yaml", POD.replace("name: shop", "name: thief"));
    const { exit, err } = await market.orrery("pod deploy thief.yaml");
    assert.equal(exit, 1);
    assert.match(err, /host taken/);
  });

  it("keeps its volumes over a restart and an update, whose plan is told first", async () => {
    await market.ask("shop.test", { path: "/file/note", method: "PUT", body: "kept" });
    await market.done("pod restart shop");
    assert.equal((await market.ask("shop.test", { path: "/file/note" })).body, "kept");
    market.write("pod.yaml", POD.replace("    volumes: {", "    env: { GREETING: hi }\n    volumes: {"));
    const plan = await market.done("pod update --dry-run");
    assert.match(plan, /^ +containers\.web\.env\.GREETING .*-> hi +restart$/m);
    assert.equal((await market.ask("shop.test")).body, "hello");
    await market.done("pod update");
    assert.equal((await market.ask("shop.test")).body, "hi");
    assert.equal((await market.ask("shop.test", { path: "/file/note" })).body, "kept");
    const bare = POD.replace(/^ +volumes: .*\n|^volumes: .*\n/gm, "");
    market.write("bare.yaml", bare);
    const refused = await market.orrery("pod update bare.yaml");
    assert.equal(refused.exit, 1);
    assert.match(refused.err, /data/);
  });

  it("tells how it stands, what it wrote and used, also after a crash, and until when its money lasts", async () => {
    await market.ask("shop.test", { path: "/crash" }).catch(() => undefined);
    for (let looks = 0; looks < 200 && !(await status()).healthy; looks++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const { state, healthy, hourly, fundsUntil, replicas } = await status();
    assert.deepEqual([state, healthy, replicas[0]?.restarts], ["running", true, 1]);
    assert.match(replicas[0]?.lastEnd ?? "", /exit 3/);
    assert.ok(BigInt(hourly) > 0n && fundsUntil > 0);
    const lines = (await market.done("pod logs shop --since=5m --output=json"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { at: string; text: string });
    const crash = lines.findIndex(({ text }) => text === "GET /crash");
    assert.ok(crash > 0 && lines.slice(crash).some(({ text }) => text === "up"), "what it wrote before and after");
    assert.deepEqual(
      lines.map(({ at }) => at),
      lines.map(({ at }) => at).toSorted(),
    );
    await market.done("dev clock +120");
    const points = (await market.done("pod metrics shop --output=json"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, number>);
    const most = availableParallelism() * 1_000; // By the time that the pod runs by, though the bench's stood and then leapt.
    assert.deepEqual(
      points.filter(({ cpu = -1 }) => cpu < 0 || cpu > most),
      [],
    );
    assert.ok((points.at(-1)?.["memoryBytes"] ?? 0) > 0 && points.at(-1)?.["replicas"] === 1);
    const kinds = (await market.json<readonly { kind: string }[]>("pod events shop")).map(({ kind }) => kind);
    assert.ok(kinds.includes("running"));
  });

  it("follows what it writes until somebody ends it", async () => {
    const seen = Promise.withResolvers<void>();
    let interrupt = () => {};
    const following = market.orrery("pod logs shop -f --tail=1", {
      onListening: (end) => {
        interrupt = end;
      },
      onWrite: (text) => {
        if (text.includes("GET /followed")) seen.resolve();
      },
    });
    const asking = setInterval(() => void market.ask("shop.test", { path: "/followed" }).catch(() => undefined), 50);
    await seen.promise;
    clearInterval(asking);
    interrupt();
    assert.equal((await following).exit, 0);
  });

  it("is nobody's business but its publisher's", async () => {
    const { lease } = await market.json<{ readonly lease: string }>("lease status shop");
    const provider = market.bench.status().providers[0]?.url ?? "";
    const call = (method: string) =>
      fetch(`${provider}/orrery.market.v1.ProviderService/${method}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ lease }),
      });
    for (const method of ["GetPod", "ListEvents", "GetMetrics", "Restart", "Delete"])
      assert.equal((await call(method)).status, 401, method);
  });
});
