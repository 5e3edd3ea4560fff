import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, createSystemClock, createTableDirectory } from "@orrery/core";
import {
  captureStart,
  captureTransport,
  type Direction,
  encodeCapturedPacket,
  loadPacketInspector,
  type PacketInspector,
  readCapture,
} from "@orrery/core/internal";
import { createZmqTransport } from "@orrery/zmq";
import { RelayService } from "./gen/relay/v1/relay_pb.ts";
import { startServer } from "./testing/start-server.ts";
import { runWorkload } from "./testing/workload.ts";

/** Runs the workload in another process over ZeroMQ; gives what a capture of it holds, as a file. */
async function captureWorkload(): Promise<Uint8Array> {
  const records: Uint8Array[] = [captureStart()];
  const clock = createSystemClock();
  const sink = (packet: Parameters<typeof encodeCapturedPacket>[0]) => records.push(encodeCapturedPacket(packet));
  await using server = await startServer();
  await using client = createClient({
    name: "desk",
    transports: [captureTransport(createZmqTransport(), { clock, sink })],
    directory: createTableDirectory({ [RelayService.typeName]: [server.address] }),
  });
  await runWorkload(client);
  return new Uint8Array(Buffer.concat(records));
}

test("a capture of a workload over ZeroMQ can be read to its end, and tells of every message what it is", async () => {
  const createPacketInspector = await loadPacketInspector();
  const inspectors = new Map<number, PacketInspector>();
  const lines: Record<Direction, string[]> = { in: [], out: [] };
  for (const { link, direction, packet } of readCapture(await captureWorkload())) {
    const inspector = inspectors.get(link) ?? createPacketInspector();
    inspectors.set(link, inspector);
    lines[direction].push(...inspector.inspect(packet, direction));
  }
  const all = [...lines.in, ...lines.out];
  assert.deepEqual(
    all.filter((line) => /^no packet|^kind |does not declare|fields of a newer peer/.test(line)),
    [],
  );
  const begun = lines.out.filter((line) => /^(request|one-way|stream-open|broadcast) \d+, /.test(line));
  assert.ok(begun.length > 600, `${begun.length} messages`);
  for (const line of begun) assert.match(line, /^\S+ \d+, relay\.v1\.RelayService\.\w+, .*from desk, agent anonymous/);
  const answered = lines.in.filter((line) => /^(reply|stream-item|stream-end) \d+, /.test(line));
  for (const line of answered) assert.match(line, /^\S+ \d+, of relay\.v1\.RelayService\.\w+/);
});
