import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

const agent = new Agent({ keepAlive: true });
let up: TestUp;
before(async () => {
  up = await openTestUp({ isolation: "none" }); // In cages, processes of apps have numbers of their own.
  await up.done("create demo.test<Space>");
  await sent("one");
  await up.done("auth grant execute on demo.test:shop to anyone");
});
after(async () => {
  agent.destroy();
  await up?.[Symbol.asyncDispose]();
});

/** Tells which process of which version it is; a call may be made again. */
const WORKER = (version: string, body = "") => `
import { defineComponent, defineService, json } from "@orrery/core";
const Worker = defineService("test.worker", {
  work: { request: json<{ ms?: number }>(), reply: json<{ version: string; pid: number }>(), idempotent: true },
});
${body}
export default defineComponent(Worker, () => ({
  work: async ({ ms = 0 }, { clock }) => {
    await clock.sleep(ms);
    return { version: "${version}", pid: process.pid };
  },
}));
`;

function write(version: string, body = ""): void {
  mkdirSync(join(up.cwd, "shop"), { recursive: true });
  writeFileSync(
    join(up.cwd, "shop/orrery.yaml"),
    "components: { worker: worker.ts }\nroutes: [{ path: /work, service: test.worker/work }]\n",
  );
  writeFileSync(join(up.cwd, "shop/worker.ts"), WORKER(version, body));
}

async function sent(version: string): Promise<string> {
  write(version);
  const text = await up.done("run shop --space=demo.test --wait --no-check --output=json");
  return (JSON.parse(text) as { config: string }).config;
}

interface Answer {
  readonly version: string;
  readonly pid: number;
}

/** Calls once, over a connection that stays; the call must be answered. */
function work(ms = 0): Promise<Answer> {
  const headers = { host: "demo.test", "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const asking = request(`${up.web}/work`, { method: "POST", headers, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(JSON.parse(text) as Answer) : reject(new Error(text)),
      );
    });
    asking.on("error", reject).end(JSON.stringify({ ms }));
  });
}

/** So many calls, some at a time; every one must be answered. */
async function calls(count: number, ms = 0, atOnce = 20): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let left = count;
  const one = async () => {
    while (left-- > 0) answers.push(await work(ms));
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return answers;
}

/** Calls until it is told to end; every call must be answered. */
function load(): { stop(): Promise<ReadonlySet<string>> } {
  let isOver = false;
  const versions = new Set<string>();
  const one = async () => {
    while (!isOver) versions.add((await work()).version);
  };
  const all = Promise.all([one(), one()]);
  return {
    stop: async () => {
      isOver = true;
      await all;
      return versions;
    },
  };
}

interface Status {
  readonly components: readonly {
    readonly name: string;
    readonly running: number;
    readonly wanted: number;
    readonly most?: number;
  }[];
}
const status = async () => JSON.parse(await up.done("status demo.test:shop --output=json")) as Status;

describe("orrery scale, of an app,", () => {
  it("has three processes share 300 calls, of which none is lost when one is killed", async () => {
    const out = await up.done("scale demo.test:shop worker=3");
    assert.equal(out, "worker of demo.test:shop has 3 processes, it had 1\n");
    const first = await calls(100, 5);
    const pids = [...new Set(first.map(({ pid }) => pid))];
    assert.equal(pids.length, 3);
    const rest = calls(200, 5);
    process.kill(pids[0] ?? 0, "SIGKILL");
    const second = await rest;
    assert.equal(first.length + second.length, 300);
    for (const pid of pids.slice(1))
      assert.ok(second.filter((one) => one.pid === pid).length > 40, "they share the load");
  });

  it("keeps a size over an update", async () => {
    assert.match(await up.done("scale shop worker=2 --space=demo.test"), /has 2 processes, it had [23]\n$/);
    const calls = load();
    await sent("two");
    assert.deepEqual(await calls.stop(), new Set(["one", "two"]));
    assert.equal((await status()).components[0]?.wanted, 2);
  });

  it("runs as many as what waits asks for, up to the most, until the file's own size counts again", async () => {
    await up.done("run shop --space=demo.test --instances=worker=1..3 --no-check");
    assert.match(await up.done("scale demo.test:shop worker=1..3"), /of 1 to 3, it had 2\n$/);
    const pids = new Set<number>();
    for (const lastMs = performance.now() + 60_000; pids.size < 3; ) {
      for (const { pid } of await calls(12, 100, 12)) pids.add(pid);
      assert.ok(performance.now() < lastMs, "a third one comes where calls wait");
    }
    const [worker] = (await status()).components;
    assert.equal(worker?.most, 3);
    assert.match(await up.done("status demo.test:shop"), /worker +\d of 1\.\.3 /);
    assert.match(await up.done("scale demo.test:shop worker=default"), /has 1 process, it had/);
  });

  it("refuses what cannot be, and changes nothing", async () => {
    for (const [words, exit, why] of [
      ["demo.test:shop worker=0", 2, /no number from 1 to 64/],
      ["demo.test:shop worker=4..2", 2, /no number/],
      ["demo.test:shop wroker=2", 4, /did you mean "worker"/],
      ["demo.test:none worker=2", 4, /no such resource/],
      ["demo.test:shop", 2, /COMPONENT=N/],
    ] as const) {
      const wrong = await up.orrery(`scale ${words}`);
      assert.deepEqual([wrong.exit, why.test(wrong.err)], [exit, true], `${words}: ${wrong.err}`);
    }
    assert.equal((await status()).components[0]?.wanted, 1);
  });
});

describe("orrery rollback", () => {
  it("runs again what ran before, without a lost call, and there and back", async () => {
    const calls = load();
    assert.match(
      await up.done("rollback demo.test:shop --wait"),
      /^Rolled demo.test:shop back to 0.0.0-c\w+, from 0.0.0-c\w+\n$/,
    );
    assert.equal((await work()).version, "one");
    await up.done("rollback demo.test:shop --wait");
    assert.equal((await work()).version, "two");
    assert.deepEqual(await calls.stop(), new Set(["one", "two"]));
  });

  it("gives an update up that did not come, for what runs", async () => {
    write("bad", 'throw new Error("it is broken");');
    assert.equal((await up.orrery("update shop --space=demo.test --wait --no-check")).exit, 1);
    await up.done("rollback shop --space=demo.test --wait");
    const { exit, out, err } = await up.orrery("status demo.test:shop");
    assert.deepEqual([exit, /broken/.test(out)], [0, false], err);
    assert.equal((await work()).version, "two");
  });

  it("goes to a version by its name, lists what ran, and says what is not there", async () => {
    const config = await sent("three");
    const listed = JSON.parse(await up.done("rollback demo.test:shop --list --output=json")) as readonly {
      readonly version: string;
      readonly config: string;
      readonly runs: boolean;
    }[];
    assert.deepEqual(
      listed.map(({ runs }) => runs),
      [true, false, false],
    );
    assert.equal(listed[0]?.config, config);
    assert.match(
      await up.done("rollback demo.test:shop --list"),
      /^VERSION +CAME +FROM\n0.0.0-c\w+ +.* ago +runs +demo.test/,
    );
    await up.done(`rollback demo.test:shop --version=${listed.at(-1)?.version} --wait`);
    assert.equal((await work()).version, "one");
    const none = await up.orrery("rollback demo.test:shop --version=9.9.9");
    assert.deepEqual([none.exit, /has no such version/.test(none.err)], [4, true], none.err);
  });

  it("finds the versions that were sent last, and those that ran; older ones go", async () => {
    for (let number = 0; number < 12; number++) {
      write(`extra ${number}`);
      await up.done("run shop --space=demo.test --name=other --no-check");
    }
    const kept = (await up.done("ls 'demo.test:other-src:*<Bundle>'")).trim().split("\n");
    assert.ok(kept.length >= 10 && kept.length < 13, String(kept.length));
    await up.done("kill demo.test:other");
  });
});
