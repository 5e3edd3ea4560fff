import assert from "node:assert/strict";
import { test } from "node:test";
import { createEnvelope, type Head, Kind } from "./envelope.ts";
import type { Seal } from "./seal.ts";
import { createSealing, openSealed } from "./sealing.ts";

const HEAD = {
  source: { node: "n1", instance: "", incarnation: 5 },
  component: "payments",
  method: "pay",
  contentType: "application/json",
  agent: "ann",
} as Head;

for (const [name, { head = {}, key = "", node = "n1" }] of [
  ["a head", {}],
  ["a head of another network", { head: { component: "payments@us" } }],
  ["names that JSON escapes", { head: { method: 'p"ay\n', agent: "änn\u2028" }, key: 'k"ey\u{1f511}' }],
  ["names of many characters", { head: { agent: "ä".repeat(600) }, key: "k".repeat(600) }],
  ["a message that came through a gateway", { head: { source: { ...HEAD.source, node: "gateway" } }, node: 'n"2' }],
] as const satisfies readonly (readonly [string, { head?: Partial<Head>; key?: string; node?: string }])[])
  test(`createSealing and openSealed bind bodies to the list that the protocol page has, for ${name}`, () => {
    const heard: string[] = [];
    const hear = (body: Uint8Array, about: Uint8Array) => {
      heard.push(new TextDecoder().decode(about));
      return body;
    };
    const seal: Seal = { name: "team", seal: hear, open: hear };
    const whole = { ...HEAD, ...head };
    const mark = { name: "team", node, incarnation: 5, id: 9 };
    const opening = createEnvelope(Kind.request, 9, whole);
    opening.idempotencyKey = key;
    const exchange = { seal, mark, head: whole, opening };
    const asking = createSealing(exchange);
    asking.close(opening);
    assert.ok(openSealed(exchange));
    const items = [createEnvelope(Kind.streamItem, 9), createEnvelope(Kind.streamEnd, 9)] as const;
    for (const answer of items) {
      opening.sealing?.close(answer);
      assert.ok(asking.open(answer));
    }
    const { method, contentType, agent } = whole;
    const listOf = (kind: Kind, place: number) =>
      JSON.stringify(
        ["orrery seal 1", kind, place, 0].concat(
          ["team", node, 5, 9, Kind.request, "payments"],
          [method, contentType, agent, key],
        ),
      );
    const wanted = [listOf(Kind.request, 0), listOf(Kind.streamItem, 0), listOf(Kind.streamEnd, 1)];
    assert.deepEqual(
      heard,
      wanted.flatMap((one) => [one, one]),
    ); // Each is sealed, then opened.
  });
