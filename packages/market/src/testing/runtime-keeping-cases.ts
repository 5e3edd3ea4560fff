import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, filesWith, linesOf, memoryOf, podOf, type RuntimeBench, tracesOf, until } from "./runtime-bench.ts";

const SECRET = "correct-horse-battery-staple";

/** What pods keep, what is kept from others, and what they may use. */
export function testKeeping(bench: () => RuntimeBench): void {
  it("ends pods that are just being made, whenever that is", async () => {
    const { runtime } = bench();
    const waits = Array.from({ length: 12 }, (_, at) => at * 30);
    const ends = waits.map(async (waitMs) => {
      const name = `early-${waitMs}`;
      const applied = runtime.apply(podOf(bench(), { name })).catch(() => undefined);
      await sleep(waitMs);
      await runtime.remove(name);
      await applied;
      assert.equal(runtime.look(name), undefined);
    });
    await Promise.all(ends);
  });

  it("keeps what volumes hold over a restart, and refuses writes where they are mounted to be read", async () => {
    const { runtime } = bench();
    const reader =
      "    volumes: { data: /data }\n  reader:\n    image: ./web\n    ports: [{ port: 8081 }]\n    env: { PORT_7000: 7100, PORT_7001: 7101 }\n    volumes: { data: { path: /seen/data, readOnly: true } }\n";
    await runtime.apply(podOf(bench(), { name: "keeps", head: "volumes: { data: 10MiB }\n", more: reader }));
    assert.equal(await ask(runtime, "keeps", "/write?file=/data/kept&text=held+here"), "written");
    await runtime.restart("keeps");
    assert.equal(await ask(runtime, "keeps", "/read?file=/data/kept"), "held here");
    const at = runtime.look("keeps")?.ports.find(({ container }) => container === "reader")?.at[0];
    const read = async (path: string) => await (await fetch(`http://${at?.host}:${at?.port}${path}`)).text();
    assert.equal(await read("/read?file=/seen/data/kept"), "held here");
    assert.equal(await read("/write?file=/seen/data/other&text=no"), "EROFS");
    assert.ok(((await runtime.usage("keeps"))?.storageBytes ?? 0) > 0);
    await assert.rejects(runtime.removeVolumes("keeps", ["data"]), { code: "failed_precondition" });
    assert.equal(runtime.look("keeps")?.isWell, true);
    await runtime.stop("keeps");
    await runtime.removeVolumes("keeps", ["data", "none"]);
    assert.deepEqual(filesWith(bench().data, "held here"), []);
    await runtime.remove("keeps");
    assert.deepEqual(filesWith(bench().data, "held here"), []);
  });

  it("shows a secret to the pod as a file alone: not in variables, lines or the data folder, nor in lists of processes", async () => {
    const { runtime, data } = bench();
    const secrets = { token: Buffer.from(SECRET) };
    const more = "    secrets: { token: /run/secrets/token }\n";
    await runtime.apply(podOf(bench(), { name: "hides", head: "secrets: { token: token.txt }\n", more, secrets }));
    assert.equal(await ask(runtime, "hides", "/read?file=/run/secrets/token"), SECRET);
    assert.equal(await ask(runtime, "hides", "/write?file=/run/secrets/token&text=no"), "EROFS");
    assert.ok(!(await ask(runtime, "hides", "/env")).includes(SECRET));
    await ask(runtime, "hides", `/say?text=it+is+${SECRET}`);
    await until("its line", async () => (await linesOf(runtime, "hides")).some(({ text }) => text === "it is ***"));
    assert.deepEqual(filesWith(data, SECRET), []);
    assert.ok(!tracesOf(data).join("\n").includes(SECRET));
    assert.equal(filesWith(memoryOf(data), SECRET).length, 1);
    await runtime.stop("hides");
    assert.deepEqual(filesWith(memoryOf(data), SECRET), []);
    await runtime.remove("hides");
  });

  it("ends a container that takes more memory than it may, says so, starts it anew, and touches no other pod", async () => {
    const { runtime } = bench();
    const small = (name: string) => podOf(bench(), { name, more: "    memory: 96MiB\n" });
    await Promise.all([runtime.apply(small("eats")), runtime.apply(small("beside"))]);
    const before = [runtime.look("beside"), await ask(runtime, "beside", "/id")];
    await ask(runtime, "eats", "/eat");
    await until("its end", () => runtime.look("eats")?.copies[0]?.lastEnd === "memory");
    await until("its next start", () => runtime.look("eats")?.isWell === true);
    assert.equal(await ask(runtime, "eats", "/"), "hello");
    assert.ok((runtime.look("eats")?.copies[0]?.restarts ?? 0) >= 1);
    assert.deepEqual([runtime.look("beside"), await ask(runtime, "beside", "/id")], before);
    const events = (await linesOf(runtime, "eats")).filter(({ stream }) => stream === "event").map(({ text }) => text);
    assert.ok(events.includes("ended: memory, starts anew in 200 ms"), events.join("; "));
    assert.ok((await linesOf(runtime, "eats", { tail: 100 })).some(({ text }) => text === "began")); // Of before its end, too.
    await Promise.all([runtime.remove("eats"), runtime.remove("beside")]);
  });

  it("starts a container anew that ended by itself, and one that does not answer any more is told as not well", async () => {
    const { runtime } = bench();
    const more = "    health: { path: /, every: 50ms }\n";
    await runtime.apply(podOf(bench(), { name: "falls", more }));
    await ask(runtime, "falls", "/crash").catch(() => {}); // It ends in the middle of its answer.
    await until("its end", () => runtime.look("falls")?.copies[0]?.lastEnd === "exit 3");
    await until("its next start", () => runtime.look("falls")?.isWell === true);
    const port = runtime.look("falls")?.ports[0]?.at;
    assert.equal(port?.length, 1);
    await ask(runtime, "falls", "/unwell");
    await until("the look", () => runtime.look("falls")?.copies[0]?.state === "unwell");
    assert.deepEqual(runtime.look("falls")?.ports[0]?.at, []);
    await until("its start anew", () => runtime.look("falls")?.copies[0]?.lastEnd === "not well");
    await until("that it is well", () => runtime.look("falls")?.isWell === true);
    await runtime.remove("falls");
  });
}
