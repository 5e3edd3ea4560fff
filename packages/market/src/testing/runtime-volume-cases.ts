import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { ask, podOf, type RuntimeBench } from "./runtime-bench.ts";

/** Volumes that are stopped at their size. What happens where a machine cannot is tested beside the runtime that can do without. */
export function testVolumes(bench: () => RuntimeBench): void {
  const whyNot = () => bench().runtime.lacks.find((line) => line.startsWith("volumes are counted"));
  const sized = (name: string, size: string) =>
    podOf(bench(), { name, head: `volumes: { data: ${size} }\n`, more: "    volumes: { data: /data }\n" });
  const fill = async (name: string, mib: number) =>
    await ask(bench().runtime, name, `/fill?file=/data/file-${mib}&mib=${mib}`);

  it("stops a pod that fills its volume at its size by ENOSPC, and lets its neighbour write on", async (t) => {
    const why = whyNot();
    if (why !== undefined) return t.skip(why);
    const { runtime } = bench();
    await Promise.all([runtime.apply(sized("fills", "8MiB")), runtime.apply(sized("writes-on", "8MiB"))]);
    assert.equal(await ask(runtime, "fills", "/list?folder=/data"), "[]");
    assert.equal(await fill("fills", 7), "filled");
    assert.equal(await fill("fills", 3), "ENOSPC");
    assert.equal(await fill("writes-on", 7), "filled");
    assert.equal(await ask(runtime, "fills", "/"), "hello");
    const { storageBytes = 0 } = (await runtime.usage("fills")) ?? {};
    assert.ok(storageBytes > 0 && storageBytes < 10_000_000, String(storageBytes)); // What the disk has of it by now.
    await Promise.all([runtime.remove("fills"), runtime.remove("writes-on")]);
  });

  it("makes a volume larger and smaller, but never smaller than what it holds", async (t) => {
    const why = whyNot();
    if (why !== undefined) return t.skip(why);
    const { runtime } = bench();
    await runtime.apply(sized("resized", "4MiB"));
    await ask(runtime, "resized", "/write?file=/data/kept&text=value");
    assert.equal(await fill("resized", 6), "ENOSPC");
    await runtime.apply(sized("resized", "80MiB"));
    assert.equal(await ask(runtime, "resized", "/read?file=/data/kept"), "value");
    await ask(runtime, "resized", "/run?script=rm+/data/file-*");
    assert.equal(await fill("resized", 60), "filled");
    const { copies } = runtime.look("resized") ?? {};
    await assert.rejects(runtime.apply(sized("resized", "20MiB")), {
      code: "failed_precondition",
      message: /^Cannot make volume "data" of pod "resized" 20 MiB: it holds 6\d MiB; take files out of it, or ask for/,
    });
    assert.deepEqual(runtime.look("resized")?.copies, copies);
    await ask(runtime, "resized", "/run?script=rm+/data/file-*");
    await runtime.apply(sized("resized", "20MiB"));
    assert.equal(await ask(runtime, "resized", "/read?file=/data/kept"), "value");
    assert.equal(await fill("resized", 22), "ENOSPC");
    await runtime.restart("resized");
    assert.equal(await ask(runtime, "resized", "/read?file=/data/kept"), "value");
    await runtime.remove("resized");
  });

  it("goes on with a volume that is a folder, as runtimes before had it, and refuses one that the disk has no room for", async () => {
    const { runtime, data } = bench();
    const folder = join(data, "pods", "older", "volumes", "data");
    mkdirSync(folder, { recursive: true, mode: 0o777 });
    writeFileSync(join(folder, "kept"), "from before");
    await runtime.apply(sized("older", "4MiB"));
    assert.equal(await ask(runtime, "older", "/read?file=/data/kept"), "from before");
    await runtime.remove("older");
    if (whyNot() !== undefined) return;
    await assert.rejects(runtime.apply(sized("huge", "900TiB")), {
      code: "resource_exhausted",
      message: /^Cannot make volume "data" of pod "huge" \d+ MiB: the disk has \d+ MiB that are not promised to others/,
    });
    await runtime.remove("huge");
  });
}
