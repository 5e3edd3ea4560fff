import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { PodRuntime, WantedPod } from "../runtime/pod-runtime.ts";
import { podOf, type RuntimeBench } from "./runtime-bench.ts";

/** Has another process open a runtime and run a pod `pod-of-the-killed` with a volume, and kills it without a word. */
export async function killedRuntime({ kind, data }: { readonly kind: PodRuntime["kind"]; readonly data: string }) {
  const script = `
    import { createContainerRuntime, createProcessRuntime, packFolder } from "@orrery/market";
    import { ask, POD_PROGRAM, podOf } from ${JSON.stringify(import.meta.resolve("./runtime-bench.ts"))};
    const create = ${kind === "process" ? "createProcessRuntime" : "createContainerRuntime"};
    const runtime = await create({ data: ${JSON.stringify(data)} });
    const wanted = (${wantedPod})(podOf, { image: await packFolder(POD_PROGRAM) });
    await runtime.apply(wanted);
    await ask(runtime, wanted.name, "/write?file=/data/kept&text=value");
    console.log("runs");`;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: import.meta.dirname,
  });
  const [said] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  assert.equal(String(said).trim(), "runs");
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
  return { wanted: (bench: RuntimeBench) => wantedPod(podOf, bench) };
}

function wantedPod(make: typeof podOf, bench: Pick<RuntimeBench, "image">): WantedPod {
  return make(bench, {
    name: "pod-of-the-killed",
    head: "volumes: { data: 1MiB }\n",
    more: "    volumes: { data: /data }\n",
  });
}
