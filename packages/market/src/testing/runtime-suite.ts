import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packFolder } from "../image/pack-folder.ts";
import { parsePod } from "../pod/parse-pod.ts";
import type { PodRuntime } from "../runtime/pod-runtime.ts";
import type { RuntimeOptions } from "../runtime/system-open-parts.ts";
import { killedRuntime } from "./killed-runtime.ts";
import { packSystem } from "./pack-system.ts";
import {
  ask,
  echoOverTcp,
  echoOverUdp,
  linesOf,
  POD_PROGRAM,
  placeOf,
  podOf,
  type RuntimeBench,
  tracesOf,
  until,
} from "./runtime-bench.ts";
import { testKeeping } from "./runtime-keeping-cases.ts";
import { testNetworks } from "./runtime-network-cases.ts";
import { testUpdates } from "./runtime-update-cases.ts";
import { testVolumes } from "./runtime-volume-cases.ts";

/** How a runtime is tested. */
export interface RuntimeSuiteOptions {
  readonly open: (options: RuntimeOptions) => Promise<PodRuntime>;
  /** Why it cannot be tested on this machine; undefined where it can. */
  readonly skip: string | undefined;
}

/** What every runtime of pods does. */
export function testRuntime(name: string, { open, skip }: RuntimeSuiteOptions): void {
  describe(name, { skip: skip ?? false }, () => {
    let bench: RuntimeBench;
    before(async () => {
      const data = mkdtempSync(join(tmpdir(), "orrery-pods-"));
      bench = { data, runtime: await open({ data, wellMs: 10_000 }), image: await packFolder(POD_PROGRAM) };
    });
    after(async () => {
      await bench.runtime.close();
      rmSync(bench.data, { recursive: true, force: true });
    });

    describe("with many pods at once", { concurrency: 4 }, () => {
      it("runs a pod until it is well, tells where its ports are reached, and changes nothing where the same is wanted again", async () => {
        const { runtime } = bench;
        const wanted = podOf(bench, { name: "hello", more: "    env: { GREETING: hi }\n" });
        await runtime.apply(wanted);
        assert.equal(runtime.look("hello")?.isWell, true);
        assert.equal(await ask(runtime, "hello", "/"), "hi");
        const before = runtime.look("hello");
        await runtime.apply(wanted);
        assert.deepEqual(runtime.look("hello"), before);
        await runtime.stop("hello");
        assert.deepEqual(runtime.look("hello"), { copies: [], isWell: false, ports: [] });
        assert.equal(await runtime.usage("hello"), undefined);
        assert.ok((await runtime.names()).includes("hello"));
        await runtime.remove("hello");
        assert.deepEqual([(await runtime.names()).includes("hello"), runtime.look("hello")], [false, undefined]);
      });

      it("says why a pod does not run, with its last lines, and leaves nothing running", async () => {
        const { runtime } = bench;
        const wanted = podOf(bench, {
          name: "bad",
          more: '    command: [node, -e, "console.error(12345); process.exit(7)"]\n',
        });
        await assert.rejects(runtime.apply(wanted), {
          code: "failed_precondition",
          message: /^Cannot run pod "bad": container "web" ended 3 times \(exit 7\), and wrote:\n {2}12345/,
        });
        assert.deepEqual(runtime.look("bad")?.copies, []);
        const events = (await linesOf(runtime, "bad")).filter(({ stream }) => stream === "event");
        assert.match(events[0]?.text ?? "", /^ended: exit 7, starts anew in 200 ms$/);
        await runtime.remove("bad");
      });

      it("reaches its ports by HTTP, TCP and UDP", async () => {
        const { runtime } = bench;
        await runtime.apply(podOf(bench, { name: "ports" }));
        assert.equal(await ask(runtime, "ports", "/"), "hello");
        assert.equal(await echoOverTcp(placeOf(runtime, "ports", "tcp"), "by tcp"), "by tcp");
        assert.equal(await echoOverUdp(placeOf(runtime, "ports", "udp"), "by udp"), "by udp");
        await runtime.remove("ports");
      });

      it("gives lines in order, those since a time, the last ones, and those that come", async () => {
        const { runtime } = bench;
        await runtime.apply(podOf(bench, { name: "says" }));
        await until("its first line", async () =>
          (await linesOf(runtime, "says")).some(({ text }) => text === "began"),
        );
        const following = new AbortController();
        const came: string[] = [];
        const follower = (async () => {
          for await (const { text } of runtime.lines("says", { tail: 0, follow: true, signal: following.signal }))
            came.push(text);
        })();
        for (const text of ["a", "b", "c"]) await ask(runtime, "says", `/say?text=${text}`);
        await until("the lines that come", () => came.length === 3);
        following.abort();
        await follower;
        const all = await linesOf(runtime, "says");
        assert.deepEqual(
          all.filter(({ stream }) => stream === "stdout").map(({ text }) => text),
          ["began", "a", "b", "c"],
        );
        assert.deepEqual(
          all.map(({ atMs }) => atMs),
          all.map(({ atMs }) => atMs).sort((one, other) => one - other),
        );
        const last = await linesOf(runtime, "says", { tail: 2, container: "web" });
        assert.deepEqual(
          last.map(({ text, container, copy }) => [text, container, copy]),
          [
            ["b", "web", 0],
            ["c", "web", 0],
          ],
        );
        const since = await linesOf(runtime, "says", { sinceMs: (last[1]?.atMs ?? 0) + 1 });
        assert.deepEqual(since, []);
        await runtime.remove("says");
      });

      testKeeping(() => bench);
      testVolumes(() => bench);
      testUpdates(() => bench);
      testNetworks(() => bench);

      it("runs an image that brings a system of its own, as the user that it names", async () => {
        const { runtime } = bench;
        const image = await packSystem();
        const text =
          "name: whole\nvolumes: { data: 1MiB }\ncontainers:\n  web:\n    image: ./whole\n    volumes: { data: /var/lib/data }\n";
        const images = { web: { digest: image.digest, read: async () => image.archive } };
        await runtime.apply({ name: "whole", pod: parsePod(text, { file: "pod.yaml" }), images, secrets: {} });
        const said = () => linesOf(runtime, "whole", { container: "web" });
        await until("its lines", async () => (await said()).some(({ text: line }) => line === "done"));
        const lines = (await said()).filter(({ stream }) => stream === "stdout").map(({ text: line }) => line);
        assert.deepEqual(lines, ["I am 1000 of 1001 in /srv", "kept", "no /usr", "done"]);
        await runtime.remove("whole");
      });

      it("does not wait for a pod to get well that is stopped meanwhile, and hands over no devices", async () => {
        const { runtime } = bench;
        const wanted = podOf(bench, { name: "slow", more: "    command: [sleep, '60']\n" });
        const applied = assert.rejects(runtime.apply(wanted), { code: "aborted" });
        await until("its start", async () => (await runtime.names()).includes("slow"));
        await runtime.remove("slow");
        await applied;
        const greedy = podOf(bench, { name: "greedy", more: "    gpu: 1\n" });
        await assert.rejects(runtime.apply(greedy), { code: "failed_precondition", message: /no devices/ });
      });

      it("refuses what it cannot run, and says what would work", async () => {
        const { runtime, image } = bench;
        const wanted = podOf(bench, { name: "odd" });
        await assert.rejects(runtime.apply({ ...wanted, name: "../x" }), {
          code: "invalid_argument",
          message: /Cannot name a pod/,
        });
        await assert.rejects(runtime.apply({ ...wanted, images: {} }), {
          code: "invalid_argument",
          message: /has no image/,
        });
        const other = { digest: `sha256:${"0".repeat(64)}`, read: async () => image.archive };
        await assert.rejects(runtime.apply({ ...wanted, images: { web: other } }), {
          code: "data_loss",
          message: /is wanted/,
        });
        const onSystem = podOf(bench, {
          name: "odd",
          head: "volumes: { v: 1MiB }\n",
          more: "    volumes: { v: /usr/lib }\n",
        });
        await assert.rejects(runtime.apply(onSystem), {
          code: "invalid_argument",
          message: /Cannot mount volume "v" at "\/usr\/lib"/,
        });
        await runtime.remove("odd");
        assert.ok(!(await runtime.names()).includes("odd"));
      });
    });

    it("has its folder alone, and leaves nothing of itself when it is closed, or of one that was killed when it opens", async () => {
      const { runtime, data } = bench;
      await assert.rejects(open({ data }), {
        code: "failed_precondition",
        message: /another runtime does, process \d+/,
      });
      assert.notDeepEqual(tracesOf(data), []);
      await runtime.close();
      await until("that nothing is left", () => tracesOf(data).length === 0);
      const killed = await killedRuntime({ kind: runtime.kind, data });
      bench = { ...bench, runtime: await open({ data }) };
      assert.deepEqual(
        tracesOf(data).filter((trace) => trace.includes("pod-of-the-killed") || trace.includes("server.js")),
        [],
      );
      assert.deepEqual(await bench.runtime.names(), ["pod-of-the-killed"]);
      assert.ok((await linesOf(bench.runtime, "pod-of-the-killed")).some(({ text }) => text === "began"));
      await bench.runtime.apply(killed.wanted(bench));
      assert.equal(await ask(bench.runtime, "pod-of-the-killed", "/read?file=/data/kept"), "value");
      await bench.runtime.close();
      await until("that nothing is left", () => tracesOf(data).length === 0);
      bench = { ...bench, runtime: await open({ data }) };
    });
  });
}
