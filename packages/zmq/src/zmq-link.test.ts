import assert from "node:assert/strict";
import { test } from "node:test";
import { createSystemClock } from "@orrery/core";
import { createEnvelope, Kind } from "@orrery/core/internal";
import type { Connection } from "./connection.ts";
import type { PacketWriter } from "./frame-writer.ts";
import { createZmqLink } from "./zmq-link.ts";

/** A connection whose socket is full, which notes whether it is read from. */
function fakeConnection() {
  const state = { paused: false };
  const connection = {
    pause: () => {
      state.paused = true;
    },
    resume: () => {
      state.paused = false;
    },
    writer: undefined, // The socket takes no more.
    requestFlush: () => undefined,
  };
  return { state, connection: connection as unknown as Connection };
}

/** A writer that takes one item in a flush. */
function oneItemWriter(): PacketWriter {
  const bytes = new Uint8Array(4096);
  return { bytes, reserve: () => 0, commit: () => undefined, write: () => undefined, endItem: () => false };
}

function connectedLink() {
  const { state, connection } = fakeConnection();
  const link = createZmqLink({
    id: 1,
    remote: "tcp://127.0.0.1:1",
    direction: "in",
    sameHost: true,
    clock: createSystemClock(),
    allows: () => true,
    wake: () => undefined,
    onForget: () => undefined,
    onMessage: () => undefined,
    onUp: () => undefined,
    onDown: () => undefined,
  });
  const { source } = link.connected(connection);
  return { link, state, fill: () => source?.fill(oneItemWriter()) };
}

function largeReply(id: number) {
  const reply = createEnvelope(Kind.reply, id);
  reply.bytes = new Uint8Array(100_000);
  return reply;
}

test("createZmqLink reads nothing more while answers wait, and goes on when the last of them fills a flush", () => {
  const { link, state, fill } = connectedLink();
  for (const id of [1, 2, 3]) assert.equal(link.send(largeReply(id)), "accepted");
  assert.equal(state.paused, true);
  assert.equal(fill(), true);
  assert.equal(fill(), true);
  assert.equal(state.paused, true);
  assert.equal(fill(), false);
  assert.equal(state.paused, false);
});
