import assert from "node:assert/strict";
import { before, test } from "node:test";
import { createClient, createMemoryHub, createNode, createTableDirectory, type NodeOptions } from "@orrery/core";
import { RelayService } from "./gen/relay/v1/relay_pb.ts";
import { clientOf } from "./testing/client-of.ts";
import { createRelay } from "./testing/relay.ts";
import { startServer } from "./testing/start-server.ts";
import { type Ending, runWorkload } from "./testing/workload.ts";

const components = [createRelay({ version: "1.2.3" })];

async function inOneProcess(local: NonNullable<NodeOptions["local"]>): Promise<readonly Ending[]> {
  const node = createNode({ components, local });
  await node.start();
  try {
    return await runWorkload(node);
  } finally {
    await node.stop({ timeoutMs: 0 });
  }
}

async function overMemory(bodies: "values" | "bytes"): Promise<readonly Ending[]> {
  const hub = createMemoryHub();
  const node = createNode({ components, transports: [hub.transport({ bodies })], listen: ["memory://relay"] });
  await node.start();
  const directory = createTableDirectory({ [RelayService.typeName]: ["memory://relay"] });
  await using client = createClient({ transports: [hub.transport({ bodies })], directory });
  try {
    return await runWorkload(client);
  } finally {
    await node.stop({ timeoutMs: 0 });
  }
}

async function overZeroMq(): Promise<readonly Ending[]> {
  await using server = await startServer();
  await using client = clientOf(server.address);
  return await runWorkload(client);
}

let copied: readonly Ending[];
before(async () => {
  copied = await inOneProcess("copy");
});

test("one process, copying, ends messages in every kind of outcome that does not hang on the moment", () => {
  const kinds = new Set(copied.map(({ kind }) => kind));
  assert.deepEqual(kinds, new Set(["reply", "error", "defect", "timeout", "cancelled", "bounced"]));
  assert.deepEqual([copied.at(-2)?.["kind"], copied.at(-1)?.["kind"]], ["reply", "timeout"]);
});

const elsewhere = [
  { what: "one process, encoding,", run: () => inOneProcess("encode") },
  { what: "two nodes over memory, values,", run: () => overMemory("values") },
  { what: "two nodes over memory, bytes,", run: () => overMemory("bytes") },
  { what: "two processes over ZeroMQ", run: overZeroMq },
];

for (const { what, run } of elsewhere) {
  test(`${what} end every message of a workload as one process does that copies`, async () => {
    assert.deepEqual(await run(), copied);
  });
}
