import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packFolder } from "../image/pack-folder.ts";
import {
  ask,
  echoOverTcp,
  linesOf,
  POD_PROGRAM,
  placeOf,
  podOf,
  type RuntimeBench,
  until,
} from "../testing/runtime-bench.ts";
import { testRuntime } from "../testing/runtime-suite.ts";
import { createProcessRuntime } from "./system-process-runtime.ts";

const hasBwrap = spawnSync("bwrap", ["--version"]).status === 0;
const skip = hasBwrap ? undefined : "there is no bwrap";

testRuntime("createProcessRuntime", { open: createProcessRuntime, skip });

describe("createProcessRuntime without control groups, networks and sized volumes", { skip: skip ?? false }, () => {
  let bench: RuntimeBench;
  before(async () => {
    const data = mkdtempSync(join(tmpdir(), "orrery-pods-"));
    const runtime = await createProcessRuntime({
      ...{ data, network: "host", hasCgroups: false, volumes: "counted", volumeNoticeMs: 500 },
    });
    bench = { data, runtime, image: await packFolder(POD_PROGRAM) };
  });
  after(async () => {
    await bench.runtime.close();
    rmSync(bench.data, { recursive: true, force: true });
  });

  it("says what it does not hold pods to, and what would help", () => {
    const { lacks } = bench.runtime;
    assert.ok(lacks.some((line) => /^memory of containers is looked at .* start it as root/.test(line)));
    assert.ok(lacks.some((line) => /^volumes are counted, and their pod is stopped after a notice/.test(line)));
    assert.ok(lacks.some((line) => /^pods have the machine's network, .* listen at PORT/.test(line)));
  });

  it("gives each copy free ports of the machine by variables, and ends one that takes more memory than it may", async () => {
    const { runtime } = bench;
    const head = "replicas: 2\n";
    await runtime.apply(podOf(bench, { name: "free", head, more: "    memory: 128MiB\n" }));
    const places = runtime.look("free")?.ports[0]?.at ?? [];
    assert.equal(new Set(places.map(({ host, port }) => `${host}:${port}`)).size, 2);
    assert.deepEqual([await ask(runtime, "free", "/"), await ask(runtime, "free", "/", 1)], ["hello", "hello"]);
    assert.equal(await echoOverTcp(placeOf(runtime, "free", "tcp"), "by tcp"), "by tcp");
    const used = await runtime.usage("free");
    assert.ok((used?.memoryBytes ?? 0) > 10_000_000 && (used?.cpuMs ?? 0) > 0, JSON.stringify(used));
    assert.equal(used?.egressBytes, undefined);
    const other = await ask(runtime, "free", "/id", 1);
    await ask(runtime, "free", "/eat");
    await until("its end", () => runtime.look("free")?.copies[0]?.lastEnd === "memory");
    await until("its next start", () => runtime.look("free")?.isWell === true);
    assert.equal(await ask(runtime, "free", "/id", 1), other);
    await runtime.remove("free");
  });

  it("tells a pod whose volume holds more than it says, stops it after a notice, and lets it take files out once it is restarted", async () => {
    const { runtime } = bench;
    const sized = (name: string, size: string) =>
      podOf(bench, { name, head: `volumes: { data: ${size} }\n`, more: "    volumes: { data: /data }\n" });
    await Promise.all([runtime.apply(sized("full", "2MiB")), runtime.apply(sized("beside", "2MiB"))]);
    const volume = (name: string) => `${bench.data}/pods/${name}/volumes/data`; // Its path in the cage is bound over it.
    const events = async () => (await linesOf(runtime, "full")).filter(({ stream }) => stream === "event");
    const said = async (wanted: RegExp) => (await events()).some(({ text }) => wanted.test(text));
    assert.equal(await ask(runtime, "full", "/fill?file=/data/much&mib=3"), "filled");
    await until("its notice", () => said(/^volume "data" holds 3 MiB of 2 MiB: take files out of it within 0.5 s/));
    await until("its end", () => runtime.look("full")?.copies[0]?.lastEnd === "storage");
    assert.ok(await said(/^stopped: volume "data" holds 3 MiB of 2 MiB; restart it and take files out/));
    assert.deepEqual([runtime.look("full")?.isWell, runtime.look("full")?.copies[0]?.state], [false, "failed"]);
    assert.equal(await ask(runtime, "beside", "/fill?file=/data/little&mib=1"), "filled");
    await assert.rejects(runtime.apply(sized("full", "1MiB")), {
      code: "failed_precondition",
      message: /it holds 3 MiB/,
    });
    await runtime.apply(sized("full", "4MiB"));
    assert.equal(runtime.look("full")?.isWell, true);
    assert.equal(await ask(runtime, "full", "/fill?file=/data/much&mib=6"), "filled");
    await until("its end without notice", () => runtime.look("full")?.copies[0]?.lastEnd === "storage");
    await runtime.restart("full");
    await ask(runtime, "full", "/run?script=rm+/data/much");
    assert.deepEqual([runtime.look("full")?.isWell, readdirSync(volume("full"))], [true, []]);
    await Promise.all([runtime.remove("full"), runtime.remove("beside")]);
  });
});
