import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../testing/manual-clock.ts";
import { tellSeldom } from "./tell-seldom.ts";

test("tellSeldom passes on what one side refused, the same once a minute whatever its port, and no more", () => {
  const clock = createManualClock();
  const told: string[] = [];
  const hear = tellSeldom(clock, (text) => told.push(text));
  const at = (port: number) => `Cannot accept peer "tcp://10.0.0.7:${port}": it has no key`;
  hear(at(1), "handshake_failed");
  hear(at(2), "handshake_failed");
  hear("Cannot connect: nobody listens", "unreachable");
  hear('Cannot accept peer "tcp://10.0.0.8:1": it has no key', "unauthenticated");
  assert.deepEqual(told.splice(0), [at(1), 'Cannot accept peer "tcp://10.0.0.8:1": it has no key']);
  clock.advance(59_999);
  hear(at(3), "handshake_failed");
  assert.deepEqual(told, []);
  clock.advance(1);
  hear(at(4), "handshake_failed");
  assert.deepEqual(told, [at(4)]);
});
