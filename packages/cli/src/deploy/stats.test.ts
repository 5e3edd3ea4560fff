import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp({ isolation: "none" }); // In cages, processes of apps have numbers of their own.
  await up.done("create demo.test<Space>");
  mkdirSync(join(up.cwd, "chain"));
  for (const [file, text] of Object.entries(FILES)) writeFileSync(join(up.cwd, "chain", file), text);
  await up.done("run chain --space=demo.test --wait --no-check");
});
after(() => up?.[Symbol.asyncDispose]());

/** A link of a chain, which asks the next one, and says how much time it was given and why it ended without a reply. */
const LINK = (name: string, next?: string) => `
import { defineComponent, defineService, json } from "@orrery/core";
const link = (name) => defineService("chain." + name, {
  ask: { request: json<{ ms?: number; fail?: boolean }>(), reply: json<{ pid: number; path: string[] }>() },
});
export default defineComponent(link("${name}"), () => ({
  ask: async ({ ms = 0, fail = false }, context) => {
    if (context.deadline > 0) console.log("left", Math.round(context.deadline - context.clock.monotonic()));
    try {
      ${
        next === undefined
          ? `if (fail) throw new Error("as it was told");
      await context.clock.sleep(ms, context.signal);
      return { pid: process.pid, path: ["${name}"] };`
          : `const { pid, path } = await context.client(link("${next}")).ask({ ms, fail });
      return { pid, path: ["${name}", ...path] };`
      }
    } catch (error) {
      console.log("ended by", error.code);
      throw error;
    }
  },
}));
`;
const FILES = {
  "orrery.yaml": "components: { front: front.ts, middle: middle.ts, back: back.ts }\n",
  "front.ts": LINK("front", "middle"),
  "middle.ts": LINK("middle", "back"),
  "back.ts": LINK("back"),
};

const ask = (component: string, message = "{}", flags = "") =>
  up.orrery(`send demo.test:chain chain.${component}/ask '${message}' ${flags}`);

/** Each has the time of its caller, and ends by that itself or is told by its caller: whichever comes first. */
const GAVE_UP = /ended by (?:deadline_exceeded|canceled)/;

interface JsonTrace {
  readonly id: string;
  readonly durationMs: number;
  readonly messages: readonly {
    readonly component: string;
    readonly depth: number;
    readonly durationMs: number;
    readonly handledMs?: number;
    readonly outcome: string;
  }[];
}

interface JsonStats {
  readonly instances: readonly {
    readonly name: string;
    readonly requests: number;
    readonly errors: number;
    readonly memoryBytes: number;
    readonly uptimeMs: number;
    readonly cpuMs: number;
  }[];
}

describe("orrery trace --app", () => {
  it("shows a call over two hops as one tree with its times", async () => {
    assert.deepEqual((JSON.parse((await ask("front")).out) as { path: object }).path, ["front", "middle", "back"]);
    const traces = JSON.parse(await up.done("trace --app=demo.test:chain --output=json")) as readonly JsonTrace[];
    const trace = traces.at(-1) ?? assert.fail("no trace");
    assert.deepEqual(
      trace.messages.map(({ component, depth, outcome }) => [component, depth, outcome]),
      [
        ["chain.front", 0, "reply"],
        ["chain.middle", 1, "reply"],
        ["chain.back", 2, "reply"],
      ],
    );
    const [front, middle, back] = trace.messages.map(({ durationMs }) => durationMs);
    assert.ok((front ?? 0) >= (middle ?? 0) && (middle ?? 0) >= (back ?? 0) && (back ?? 0) > 0);
    for (const { handledMs } of trace.messages) assert.ok((handledMs ?? 0) > 0, "its handler's side tells, too");
    const text = await up.done(`trace ${trace.id.slice(0, 12)} --app=demo.test:chain`);
    assert.match(
      text,
      new RegExp(`^${trace.id} .*\\n.*MESSAGE.*\\n.*chain.front.ask.*\\n.*chain.middle.ask.*\\n.*chain.back.ask`),
    );
  });

  it("finds those that failed, and is for who may read the app", async () => {
    await ask("front", '{"fail":true}');
    const failed = JSON.parse(
      await up.done("trace --app=demo.test:chain --failed --output=json"),
    ) as readonly JsonTrace[];
    assert.ok(
      failed.length > 0 && failed.every(({ messages }) => messages.every(({ outcome }) => outcome !== "reply")),
    );
    for (const words of [
      "trace --app=demo.test:chain",
      "stats demo.test:chain",
      "services --space=demo.test --watch",
    ]) {
      const { exit, out } = await up.orrery(`${words} --agent=mallory`);
      assert.deepEqual([exit, out], [3, ""], words);
    }
  });
});

describe("orrery stats", () => {
  it("tells of each process since when it runs, what it uses, and how many messages came and failed", async () => {
    const before = JSON.parse(await up.done("stats demo.test:chain --output=json")) as JsonStats;
    for (let call = 0; call < 3; call++) await ask("back");
    await ask("back", '{"fail":true}');
    const now = JSON.parse(await up.done("stats demo.test:chain --output=json")) as JsonStats;
    assert.deepEqual(
      now.instances.map(({ name }) => name),
      ["back-0", "front-0", "middle-0"],
    );
    const [was, is] = [before.instances[0], now.instances[0]];
    assert.deepEqual([(is?.requests ?? 0) - (was?.requests ?? 0), (is?.errors ?? 0) - (was?.errors ?? 0)], [4, 1]);
    for (const { memoryBytes, uptimeMs, cpuMs } of now.instances)
      assert.ok(memoryBytes > 10_000_000 && uptimeMs > 0 && cpuMs > 0);
    const text = await up.done("stats demo.test:chain");
    assert.match(
      text,
      /^PROCESS +STATE +UPTIME +MEMORY +CPU +REQUESTS +ERRORS +BUSY +WAITING +RESTARTS\nback-0 +ready /,
    );
  });

  it("prints metrics of all processes, as Prometheus reads them", async () => {
    const text = await up.done("stats demo.test:chain --metrics");
    const handled = text.split("\n").filter((line) => line.startsWith("orrery_handled_total{"));
    for (const name of ["front-0", "middle-0", "back-0"])
      assert.ok(
        handled.some((line) => line.includes(`{app="demo.test:chain",process="${name}",`)),
        name,
      );
    assert.equal(text.split("\n").filter((line) => line.startsWith("# TYPE orrery_handled_total ")).length, 1);
  });
});

describe("a chain of calls", () => {
  it("fails everywhere when the time of its first caller is over", async () => {
    const { exit, err } = await ask("front", '{"ms":60000}', "--timeout=1s");
    assert.equal(exit, 5, err);
    for (const name of ["front", "middle", "back"])
      for (const lastMs = performance.now() + 20_000; ; ) {
        const log = await up.done(`logs demo.test:chain --instance=${name} --stream=stdout`);
        if (GAVE_UP.test(log)) break;
        assert.ok(performance.now() < lastMs, `${name} goes on: ${log}`);
      }
    const left = await Promise.all(
      ["front", "middle", "back"].map(async (name) => {
        const log = await up.done(`logs demo.test:chain --instance=${name} --stream=stdout`);
        return Number([...log.matchAll(/left (\d+)\n[^\n]* ended by (?:deadline_exceeded|canceled)/g)].at(-1)?.[1]);
      }),
    );
    assert.ok(
      left.every((ms) => ms <= 1_000),
      `each has what is left of a second: ${left.join()}`,
    );
    assert.ok((left[0] ?? 0) >= (left[1] ?? 0) && (left[1] ?? 0) >= (left[2] ?? 0), left.join());
  });
});

describe("orrery services --space", () => {
  it("lists what takes calls, and tells who watches when a process is killed, and when it is back", async () => {
    const text = await up.done("services --space=demo.test");
    assert.match(text, /chain\.back .*1 ready/);
    const seen: (readonly string[])[] = [];
    let stop = () => {};
    const back = JSON.parse((await ask("back")).out) as { readonly pid: number };
    const watching = up.orrery("services --space=demo.test --watch --output=json", {
      onListening: (interrupt) => {
        stop = interrupt;
      },
      onWrite: (line) => {
        seen.push((JSON.parse(line) as readonly { name: string }[]).map(({ name }) => name));
        if (seen.length === 1) process.kill(back.pid, "SIGKILL");
        if (seen.length > 1 && seen.at(-1)?.includes("chain.back")) stop();
      },
    });
    const { exit, err } = await watching;
    assert.equal(exit, 0, err);
    assert.deepEqual(
      seen.map((names) => names.includes("chain.back")),
      [true, false, true],
    );
    assert.ok(seen.every((names) => names.includes("chain.front")));
  });

  it("says that there are none, and refuses a space that is not there", async () => {
    await up.done("create empty.test<Space>");
    let stop = () => {};
    const { out } = await up.orrery("services --space=empty.test --watch", {
      onListening: (interrupt) => {
        stop = interrupt;
      },
      onWrite: () => stop(),
    });
    assert.equal(out, "No service takes calls in empty.test\n");
    assert.equal((await up.orrery("services --space=nowhere.test --watch")).exit, 4);
  });
});
