import assert from "node:assert/strict";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { it } from "node:test";
import { startOutside } from "./outside.ts";
import { ask, placeOf, podOf, type RuntimeBench } from "./runtime-bench.ts";

/** What pods reach that have networks of their own. */
export function testNetworks(bench: () => RuntimeBench): void {
  const whyNot = () => bench().runtime.lacks.find((line) => line.startsWith("pods have the machine's network"));

  it("lets a pod reach neither another pod nor what listens on the machine, at its loopback or any address of it", async (t) => {
    if (whyNot() !== undefined) return t.skip(whyNot());
    const { runtime } = bench();
    await Promise.all(["one", "other"].map(async (name) => await runtime.apply(podOf(bench(), { name }))));
    const server = createServer((socket) => socket.end("private")).listen(0, "::");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const other = placeOf(runtime, "other", "http");
    const machine = Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).filter(({ family }) => family === "IPv4"),
    );
    const gateways = [...new Set([...machine.map(({ address: one }) => one), other.host.replace(/\d+\.\d+$/, "0.1")])];
    try {
      const reached = async (host: string, at: number) => await ask(runtime, "one", `/connect?host=${host}&port=${at}`);
      const tries = gateways.map(async (host) => await reached(host, port));
      for (const said of await Promise.all(tries)) assert.match(said, /^closed: /);
      assert.match(await reached(other.host, other.port), /^closed: /);
      assert.match(await reached("169.254.169.254", 80), /^closed: /);
      assert.equal(await ask(runtime, "other", "/"), "hello"); // It is there, for those who may.
    } finally {
      server.close();
      await Promise.all(["one", "other"].map(async (name) => await runtime.remove(name)));
    }
  });

  it("counts what goes out of a pod and comes into it, over restarts", async (t) => {
    if (whyNot() !== undefined) return t.skip(whyNot());
    const { runtime } = bench();
    await runtime.apply(podOf(bench(), { name: "counts" }));
    const text = "x".repeat(100_000);
    await ask(runtime, "counts", `/write?file=/tmp/big&text=${text.slice(0, 10_000)}`);
    const first = await runtime.usage("counts");
    for (let times = 0; times < 10; times += 1) await ask(runtime, "counts", "/read?file=/tmp/big");
    const second = await runtime.usage("counts");
    const out = (second?.egressBytes ?? 0) - (first?.egressBytes ?? 0);
    assert.ok(out > 100_000 && out < 130_000, `${out} bytes went out`);
    await runtime.restart("counts");
    const third = await runtime.usage("counts");
    assert.ok((third?.egressBytes ?? 0) >= (second?.egressBytes ?? 0) && (third?.cpuMs ?? 0) > (second?.cpuMs ?? 0));
    await runtime.remove("counts");
  });

  it("lets a pod reach hosts beyond the machine, which see the machine's address, and reach nothing of the pod", async (t) => {
    if (whyNot() !== undefined) return t.skip(whyNot());
    const { runtime } = bench();
    await runtime.apply(podOf(bench(), { name: "goes" }));
    const outside = await startOutside();
    try {
      assert.equal(await ask(runtime, "goes", `/connect?host=${outside.address}&port=80`), outside.machine);
      const { host, port } = placeOf(runtime, "goes", "http");
      assert.equal(outside.connect(host, port), "closed");
    } finally {
      await outside.stop();
      await runtime.remove("goes");
    }
  });
}
