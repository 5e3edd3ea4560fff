// One side of the memory run: a component whose calls stay open and one that streams as fast as it may, or the client that uses both.
import { bytes, createTableDirectory, defineComponent, defineService, json } from "@orrery/core";
import { createMeshClient, createMeshNode } from "@orrery/mesh";
import { answerDriver } from "../lib/channel.ts";

const TIMEOUT_MS = 3_600_000;

const Sleeper = defineService("sleeper", { wait: { request: json<number>(), reply: json<number>() } });
const Source = defineService("source", {
  flood: { mode: "stream", request: json<{ itemBytes: number }>(), reply: bytes },
});

/** The default inbox takes 4,096 messages; four instances together take 10,000 calls. */
const sleeper = defineComponent(Sleeper, () => ({ wait: () => new Promise<number>(() => undefined) }), {
  instances: 4,
});

const source = defineComponent(Source, () => ({
  async *flood({ itemBytes }) {
    const item = new Uint8Array(itemBytes).fill(7);
    for (;;) yield item;
  },
}));

let settled = 0;
let items = 0;

answerDriver({
  async serve() {
    const node = await createMeshNode({ components: [sleeper, source], listen: ["tcp://127.0.0.1:0"] });
    await node.start();
    return node.addresses[0];
  },
  async open({ address, calls, itemBytes, pauseMs }: MemoryLoad) {
    const directory = createTableDirectory({ sleeper: [address], source: [address] });
    const node = await createMeshClient({ directory });
    const client = node.client(Sleeper);
    for (let call = 0; call < calls; call++) {
      client.wait(call, { timeoutMs: TIMEOUT_MS }).catch(() => settled++);
    }
    void readSlowly(node.client(Source).flood({ itemBytes }), pauseMs);
  },
  counts: () => ({ settled, items }),
  memory() {
    global.gc?.();
    return process.memoryUsage().rss;
  },
});

interface MemoryLoad {
  readonly address: string;
  readonly calls: number;
  readonly itemBytes: number;
  readonly pauseMs: number;
}

async function readSlowly(stream: AsyncIterable<Uint8Array>, pauseMs: number): Promise<void> {
  for await (const _ of stream) {
    items++;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
