import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { contractOf } from "@orrery/core/internal";
import { Work as WorkService } from "../gen/orrery/benchmarks/v1/work_pb.ts";
import type { Contestant } from "../lib/contestant.ts";
import { freePort } from "../lib/free-port.ts";
import { prepareBytes, prepareOrder } from "../lib/payloads.ts";

const TIMEOUT_MS = 30_000;
const START_TRIES_MAX = 200;

const place = contractOf(WorkService).methods.get("place");

/** NATS request and reply through a `nats-server`; orders in the same protobuf codec that Orrery uses. */
export function contestant(): Contestant {
  return {
    async serve() {
      const port = await freePort();
      const brokerPid = await startBroker(port);
      const connection = await connect({ servers: `127.0.0.1:${port}` });
      answer(connection);
      await connection.flush();
      return { place: `127.0.0.1:${port}`, brokerPid };
    },
    async connect(servers) {
      const connection = await connect({ servers });
      const options = { timeout: TIMEOUT_MS };
      return {
        prepare: (work) =>
          work.kind === "order"
            ? prepareOrder(async (order) => {
                const reply = await connection.request("place", place?.request.encode(order), options);
                return place?.reply.decode(reply.data);
              })
            : prepareBytes(work, async (payload) => (await connection.request("carry", payload, options)).data),
      };
    },
  };
}

function answer(connection: NatsConnection): void {
  const carry = async (payload: Uint8Array): Promise<Uint8Array> => payload;
  const echoOrder = async (order: unknown): Promise<unknown> => order;
  connection.subscribe("carry", {
    callback: (_, message) => void carry(message.data).then((reply) => message.respond(reply)),
  });
  connection.subscribe("place", {
    callback: (_, message) =>
      void echoOrder(place?.request.decode(message.data)).then((order) => message.respond(place?.reply.encode(order))),
  });
}

/** Starts the broker, and ends it with this process. Its queues are made large enough for 1,024 messages of 64 KiB. */
async function startBroker(port: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-bench-nats-"));
  const config = join(folder, "nats.conf");
  writeFileSync(config, "max_pending: 268435456\n");
  const broker = spawn("nats-server", ["-a", "127.0.0.1", "-p", String(port), "-c", config], { stdio: "ignore" });
  const failed = new Promise<never>((_, reject) => broker.once("error", reject));
  process.on("exit", () => {
    broker.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  await Promise.race([listening(port), failed]);
  return broker.pid ?? 0;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < START_TRIES_MAX; attempt++) {
    const socket = connectSocket(port, "127.0.0.1");
    const { promise, resolve } = Promise.withResolvers<boolean>();
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    const isUp = await promise;
    socket.destroy();
    if (isUp) return;
    await sleep(25);
  }
  throw new Error(`Cannot start nats-server: nothing listens at port ${port}`);
}
