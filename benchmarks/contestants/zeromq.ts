import { Dealer, Router } from "zeromq";
import type { Contestant } from "../lib/contestant.ts";
import { prepareBytes } from "../lib/payloads.ts";
import { type FramedCall, joinBatch, packCall, splitBatch, unpackCall } from "../lib/zeromq-frames.ts";

// The binding takes 512 sends in one turn, then throws EBUSY; without a send timeout it takes them all.
const OPTIONS = { sendTimeout: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 };

/** The native binding of libzmq, DEALER to ROUTER: one message for each call (`raw`), or for each turn of the loop (`batched`). */
export function contestant(variant: string): Contestant {
  const isBatched = variant === "batched";
  return {
    async serve() {
      const router = new Router(OPTIONS);
      await router.bind("tcp://127.0.0.1:*");
      void (isBatched ? answerBatches(router) : answer(router));
      return { place: router.lastEndpoint ?? "" };
    },
    async connect(place) {
      const dealer = new Dealer(OPTIONS);
      dealer.connect(place);
      const call = isBatched ? batchCaller(dealer) : caller(dealer);
      return { prepare: (work) => prepareBytes(work, call) };
    },
  };
}

const echo = async (payload: Buffer): Promise<Buffer> => payload;

async function answer(router: Router): Promise<void> {
  for await (const [peer, ...frames] of router) {
    const { id, payload } = unpackCall(frames);
    void echo(payload).then((reply) => router.send([peer as Buffer, ...packCall(id, reply)]));
  }
}

async function answerBatches(router: Router): Promise<void> {
  for await (const [peer, batch] of router) {
    const batches = new Batches((joined) => void router.send([peer as Buffer, joined]));
    splitBatch(batch as Buffer, ({ id, payload }) => void echo(payload).then((reply) => batches.add(id, reply)));
  }
}

function caller(dealer: Dealer): (payload: Buffer) => Promise<Buffer> {
  const pending = new Map<number, (reply: Buffer) => void>();
  let lastId = 0;
  void (async () => {
    for await (const frames of dealer) settle(pending, unpackCall(frames));
  })();
  return (payload) =>
    new Promise((resolve) => {
      lastId = (lastId + 1) >>> 0;
      pending.set(lastId, resolve);
      void dealer.send(packCall(lastId, payload));
    });
}

function batchCaller(dealer: Dealer): (payload: Buffer) => Promise<Buffer> {
  const pending = new Map<number, (reply: Buffer) => void>();
  const batches = new Batches((joined) => void dealer.send(joined));
  let lastId = 0;
  void (async () => {
    for await (const [batch] of dealer) splitBatch(batch as Buffer, (call) => settle(pending, call));
  })();
  return (payload) =>
    new Promise((resolve) => {
      lastId = (lastId + 1) >>> 0;
      pending.set(lastId, resolve);
      batches.add(lastId, payload);
    });
}

function settle(pending: Map<number, (reply: Buffer) => void>, { id, payload }: FramedCall): void {
  pending.get(id)?.(payload);
  pending.delete(id);
}

/** What is added in one turn of the event loop, joined into one message. */
class Batches {
  readonly #send: (joined: Buffer) => void;
  #calls: FramedCall[] = [];

  constructor(send: (joined: Buffer) => void) {
    this.#send = send;
  }

  add(id: number, payload: Buffer): void {
    if (this.#calls.push({ id, payload }) === 1) queueMicrotask(this.#soon);
  }

  readonly #soon = () => process.nextTick(this.#flush);

  readonly #flush = () => {
    const calls = this.#calls;
    this.#calls = [];
    this.#send(joinBatch(calls));
  };
}
