import { createSystemClock } from "@orrery/core";
import {
  createEnvelope,
  type Envelope,
  type Head,
  isControl,
  Kind,
  type Link,
  type Transport,
} from "@orrery/core/internal";
import { addressWithKey, createCurveKeyPair, createZmqTransport, curveKeyPairOf } from "@orrery/zmq";
import type { Contestant } from "../lib/contestant.ts";
import { prepareBytes } from "../lib/payloads.ts";

const TIMEOUT_MS = 30_000;

/** Orrery's transport alone: whole envelopes over ZeroMQ with bytes in them, no container; `plain`, or `curve` for encrypted. */
export function contestant(variant: string): Contestant {
  const isCurve = variant === "curve";
  return {
    async serve() {
      const keyPair = createCurveKeyPair();
      const known = createCurveKeyPair();
      const curve = { keyPair, peers: [{ publicKey: known.publicKey, agents: ["*"] }] };
      const transport = createZmqTransport(isCurve ? { curve } : {});
      answer(transport);
      const address = await transport.listen("tcp://127.0.0.1:0");
      const secret = Buffer.from(known.secretKey).toString("base64");
      return { place: isCurve ? `${addressWithKey(address, keyPair.publicKey)} ${secret}` : address };
    },
    async connect(place) {
      const [address = "", secret = ""] = place.split(" ");
      const transport = createZmqTransport(curveOptions(secret));
      const link = await linkUp(transport, address);
      const call = caller(transport, link);
      return { prepare: (work) => prepareBytes(work, call) };
    },
  };
}

function curveOptions(secret: string) {
  return secret === "" ? {} : { curve: { keyPair: curveKeyPairOf(Buffer.from(secret, "base64")) } };
}

const echo = async (payload: Uint8Array): Promise<Uint8Array> => payload;

function answer(transport: Transport): void {
  transport.onMessage((link, message) => {
    if (isControl(message) || message.bytes === undefined) return;
    void echo(message.bytes).then((bytes) => {
      const reply = createEnvelope(Kind.reply, message.id);
      reply.bytes = bytes;
      const sent = transport.send(link, reply);
      if (sent !== "accepted") throw new Error(`Cannot answer: ${sent}`); // Ends the process, which the driver tells.
    });
  });
}

async function linkUp(transport: Transport, address: string): Promise<Link> {
  const { promise, resolve } = Promise.withResolvers<Link>();
  transport.onLink((event) => {
    if (event.kind === "up") resolve(event.link);
  });
  transport.connect(address);
  return promise;
}

interface Waiting {
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

function caller(transport: Transport, link: Link): (payload: Buffer) => Promise<Uint8Array> {
  const pending = new Map<number, Waiting>();
  const clock = createSystemClock();
  transport.onMessage((_, message) => receive(pending, message as Envelope));
  let lastId = 0;
  return (payload) =>
    new Promise((resolve, reject) => {
      const envelope = createEnvelope(Kind.request, ++lastId, HEAD);
      envelope.deadlineMs = clock.monotonic() + TIMEOUT_MS;
      envelope.budgetMs = TIMEOUT_MS;
      envelope.bytes = payload;
      pending.set(lastId, { resolve, reject });
      const sent = transport.send(link, envelope);
      if (sent !== "accepted") reject(new Error(`Cannot send: ${sent}`));
    });
}

function receive(pending: Map<number, Waiting>, message: Envelope): void {
  const waiting = pending.get(message.id);
  if (waiting === undefined) return;
  pending.delete(message.id);
  if (message.bytes === undefined) waiting.reject(new Error("Cannot read the reply: it has no bytes"));
  else waiting.resolve(message.bytes);
}

const HEAD: Head = Object.freeze({
  component: "orrery.benchmarks.v1.Work",
  method: "Carry",
  version: "",
  fingerprint: "0123456789abcdef",
  mode: "sync",
  contentType: "application/octet-stream",
  instance: "",
  source: Object.freeze({ node: "bench-client", instance: "", incarnation: 1_716_239_022_118 }),
  agent: "anonymous",
  horizon: undefined,
  resource: "",
});
