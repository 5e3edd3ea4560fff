import assert from "node:assert/strict";
import { it } from "node:test";
import { ask, linesOf, podOf, type RuntimeBench, until } from "./runtime-bench.ts";

/** How a pod becomes another one. */
export function testUpdates(bench: () => RuntimeBench): void {
  const greeting = (name: string, text: string, more = "") => {
    const head = "replicas: 2\nvolumes: { data: 10MiB }\n";
    return podOf(bench(), {
      name,
      head,
      more: `    env: { GREETING: ${text} }\n    volumes: { data: /data }\n${more}`,
    });
  };

  it("loses no request of two copies while it updates and restarts them, and keeps their volume", async () => {
    const { runtime } = bench();
    await runtime.apply(greeting("turns", "one"));
    await ask(runtime, "turns", "/write?file=/data/kept&text=value");
    const client = hammer(bench(), "turns");
    await runtime.apply(greeting("turns", "two"));
    const afterUpdate = client.answers.length;
    await until("answers of the new ones", () => client.answers.length > afterUpdate + 5);
    await runtime.restart("turns");
    await client.stop();
    assert.deepEqual(client.failures, []);
    assert.deepEqual([...new Set(client.answers)], ["one", "two"]);
    assert.equal(client.answers.lastIndexOf("one") < afterUpdate, true);
    assert.equal(await ask(runtime, "turns", "/read?file=/data/kept"), "value");
    assert.ok((await runtime.usage("turns"))?.copies === 2);
    await runtime.remove("turns");
  });

  it("leaves what ran before where an update fails, and says why it did", async () => {
    const { runtime } = bench();
    await runtime.apply(greeting("stays", "one"));
    const before = runtime.look("stays");
    const broken = greeting("stays", "two", '    command: [node, -e, "console.error(54321); process.exit(9)"]\n');
    await assert.rejects(runtime.apply(broken), { code: "failed_precondition", message: /exit 9.*\n {2}54321/ });
    assert.deepEqual(runtime.look("stays"), before);
    assert.equal(await ask(runtime, "stays", "/"), "one");
    await runtime.remove("stays");
  });

  it("has more copies and fewer without touching those that stay, and replaces none for what no copy is made of", async () => {
    const { runtime } = bench();
    const copies = (replicas: number, host = "pod.test") => {
      const wanted = podOf(bench(), { name: "grows", head: `replicas: ${replicas}\n` });
      const containers = wanted.pod.containers.map((container) => {
        const ports = container.ports.map((port) => (port.protocol === "http" ? { ...port, host } : port));
        return { ...container, ports };
      });
      return { ...wanted, pod: { ...wanted.pod, containers } };
    };
    await runtime.apply(copies(1));
    const [first] = runtime.look("grows")?.copies ?? [];
    await runtime.apply(copies(3));
    assert.deepEqual([runtime.look("grows")?.copies.length, runtime.look("grows")?.copies[0]], [3, first]);
    await runtime.apply(copies(1, "other.test"));
    assert.deepEqual(runtime.look("grows")?.copies, [first]);
    await runtime.remove("grows");
  });

  it("stops a pod of one copy that writes to a volume before it starts the next: two never write at once", async () => {
    const { runtime } = bench();
    const alone = (text: string, more = "") => {
      const head = "volumes: { data: 10MiB }\n";
      return podOf(bench(), {
        name: "alone",
        head,
        more: `    env: { GREETING: ${text} }\n    volumes: { data: /data }\n${more}`,
      });
    };
    await runtime.apply(alone("one"));
    await runtime.apply(alone("two"));
    const told = (await linesOf(runtime, "alone")).filter(({ stream }) => stream === "event").map(({ text }) => text);
    assert.deepEqual(told, ["well", "stopped", "well"]);
    await assert.rejects(runtime.apply(alone("three", "    command: [node, none.js]\n")), /Cannot run pod "alone"/);
    assert.equal(await ask(runtime, "alone", "/"), "two");
    await runtime.remove("alone");
  });
}

interface Hammer {
  readonly answers: string[];
  readonly failures: string[];
  stop(): Promise<void>;
}

/** Asks again and again, several at once, each time one of the places that are told. */
function hammer({ runtime }: RuntimeBench, name: string): Hammer {
  const answers: string[] = [];
  const failures: string[] = [];
  let isOver = false;
  const askOn = async (seat: number) => {
    for (let count = 0; !isOver; count += 1) {
      const at = runtime.look(name)?.ports[0]?.at ?? [];
      const place = at[(seat + count) % at.length];
      try {
        const reply = await fetch(`http://${place?.host}:${place?.port}/`, { headers: { connection: "close" } });
        answers.push(await reply.text());
      } catch (error) {
        failures.push(`${place?.host}: ${(error as Error).cause ?? error}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const seats = [0, 1, 2].map(askOn);
  return {
    answers,
    failures,
    stop: async () => {
      isOver = true;
      await Promise.all(seats);
    },
  };
}
