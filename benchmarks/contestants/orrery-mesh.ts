import { bytes, createTableDirectory, defineComponent, defineService, type Outcome, outcomeOf } from "@orrery/core";
import { createMeshClient, createMeshNode, type MeshCarrier } from "@orrery/mesh";
import { createTelemetry } from "@orrery/mesh/telemetry";
import { addressWithKey, createCurveKeyPair, curveKeyPairOf } from "@orrery/zmq";
import { Work as WorkService } from "../gen/orrery/benchmarks/v1/work_pb.ts";
import type { Contestant, PreparedCall } from "../lib/contestant.ts";
import { prepareBytes, prepareOrder } from "../lib/payloads.ts";

const Echo = defineService("echo", { carry: { request: bytes, reply: bytes } });

const echo = defineComponent(
  Echo,
  () => ({ carry: async (payload) => payload }),
  { inboxBytesMax: 256 * 1024 * 1024 }, // 1,024 calls of 64 KiB in flight are more than the default of 64 MiB.
);

const work = defineComponent(WorkService, () => ({
  place: async (order) => order,
  note: async (reading) => reading,
  carry: async (blob) => blob,
}));

/**
 * Orrery from end to end: client, ZeroMQ, container, outcome; bytes or typed; `plain`, `curve` for encrypted, `unix` for Unix sockets, `traced` with
 * one of a hundred calls traced at both sides, or `followed` with that and every message counted and timed.
 */
export function contestant(variant: string): Contestant {
  const isCurve = variant === "curve";
  // On one host, nodes go by Unix sockets unless they are kept from it.
  const carriers: readonly MeshCarrier[] = variant === "unix" ? ["unix", "tcp"] : ["tcp"];
  return {
    async serve() {
      const keyPair = createCurveKeyPair();
      const known = createCurveKeyPair();
      const curve = { keyPair, peers: [{ publicKey: known.publicKey, agents: ["*"] }] };
      const listen = ["tcp://127.0.0.1:0"];
      const options = { components: [echo, work], listen, carriers, ...telemetryOf(variant) };
      const node = await createMeshNode({ ...options, ...(isCurve ? { curve } : {}) });
      await node.start();
      const address = node.addresses[0] ?? "";
      const secret = Buffer.from(known.secretKey).toString("base64");
      return { place: isCurve ? `${addressWithKey(address, keyPair.publicKey)} ${secret}` : address };
    },
    async connect(place) {
      const [address = "", secret = ""] = place.split(" ");
      const directory = createTableDirectory({ echo: [address], [WorkService.typeName]: [address] });
      const node = await createMeshClient({ directory, carriers, ...telemetryOf(variant), ...curveOptions(secret) });
      const carrier = node.client(Echo);
      const shop = node.client(WorkService);
      return {
        prepare: (work) =>
          withOutcome(
            work.kind === "bytes"
              ? prepareBytes(work, (payload) => carrier.carry(payload))
              : prepareOrder((order) => shop.place(order)),
          ),
      };
    },
  };
}

/** Spans go to an exporter that lets them go: what a collector does with them is not ours. */
function telemetryOf(variant: string) {
  if (variant !== "traced" && variant !== "followed") return {};
  const plugins = [{ name: "nowhere", exportSpans: () => undefined }];
  return { telemetry: createTelemetry({ ratio: 0.01, counts: variant === "followed", plugins }) };
}

function curveOptions(secret: string) {
  return secret === "" ? {} : { curve: { keyPair: curveKeyPairOf(Buffer.from(secret, "base64")) } };
}

/** Goes through the outcome, as a caller does that handles every end of a call. */
function withOutcome(prepared: PreparedCall): PreparedCall {
  const { call, accepts } = prepared;
  return {
    call: () => outcomeOf(call()),
    accepts: (reply) => accepts((reply as Outcome<unknown> & { kind: "reply" }).value),
    failureOf: (reply) => {
      const outcome = reply as Outcome<unknown>;
      return outcome.kind === "reply" ? undefined : `${outcome.kind}, ${outcome.error.message}`;
    },
  };
}
