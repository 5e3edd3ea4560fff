import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { PackedImage } from "../image/make-archive.ts";
import { packFolder } from "../image/pack-folder.ts";
import { parsePod } from "../pod/parse-pod.ts";
import type { PodLine, PodRuntime, WantedLines, WantedPod } from "../runtime/pod-runtime.ts";
import type { RuntimeOptions } from "../runtime/system-open-parts.ts";

/** How a runtime is tested. */
export interface RuntimeSuiteOptions {
  readonly open: (options: RuntimeOptions) => Promise<PodRuntime>;
  /** Why it cannot be tested on this machine; undefined where it can. */
  readonly skip: string | undefined;
}

/** What tests do with a runtime. */
interface Bench {
  readonly data: string;
  readonly runtime: PodRuntime;
  readonly image: PackedImage;
}

const PROGRAM = join(import.meta.dirname, "pod-program");

/** What every runtime of pods does. */
export function testRuntime(name: string, { open, skip }: RuntimeSuiteOptions): void {
  describe(name, { skip: skip ?? false }, () => {
    let bench: Bench;
    before(async () => {
      const data = mkdtempSync(join(tmpdir(), "orrery-pods-"));
      bench = { data, runtime: await open({ data, wellMs: 10_000 }), image: await packFolder(PROGRAM) };
    });
    after(async () => {
      await bench.runtime.close();
      rmSync(bench.data, { recursive: true, force: true });
    });

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
      assert.deepEqual(await runtime.names(), ["hello"]);
      await runtime.remove("hello");
      assert.deepEqual([await runtime.names(), runtime.look("hello")], [[], undefined]);
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
  });
}

/** A pod of the tests' program. */
export function podOf(
  { image }: Pick<Bench, "image">,
  { name, head = "", more = "", secrets = {} }: PodText,
): WantedPod {
  const ports = "    ports: [{ port: 8080, host: pod.test }, { port: 7000 }, { port: 7001, protocol: udp }]\n";
  const text = `name: ${name}\n${head}containers:\n  web:\n    image: ./web\n${ports}${more}`;
  const pod = parsePod(text, { file: "pod.yaml" });
  const images = Object.fromEntries(
    pod.containers.map((container) => [container.name, { digest: image.digest, read: async () => image.archive }]),
  );
  return { name, pod, images, secrets };
}

interface PodText {
  readonly name: string;
  /** Of the pod, before its containers. */
  readonly head?: string;
  /** Of its container `web`, and what follows. */
  readonly more?: string;
  readonly secrets?: WantedPod["secrets"];
}

/** Asks the first well copy of a pod. */
export async function ask(runtime: PodRuntime, name: string, path: string, copy = 0): Promise<string> {
  const at = runtime.look(name)?.ports[0]?.at[copy];
  assert.ok(at !== undefined, `pod "${name}" has no copy ${copy} that is well`);
  const reply = await fetch(`http://${at.host}:${at.port}${path}`, { headers: { connection: "close" } });
  return await reply.text();
}

/** Lines that are kept. */
export async function linesOf(
  runtime: PodRuntime,
  name: string,
  wanted: Omit<WantedLines, "signal"> = {},
): Promise<readonly PodLine[]> {
  const lines: PodLine[] = [];
  for await (const line of runtime.lines(name, { ...wanted, signal: new AbortController().signal })) lines.push(line);
  return lines;
}
