import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSystemClock, defineService, json, OrreryError } from "@orrery/core";
import type { JsonCallSource } from "@orrery/http";
import { CALL_TRIES_MAX } from "./limits.ts";
import { retryingSource } from "./retrying-source.ts";

const Shop = defineService("test.shop", {
  look: { request: json<object>(), reply: json<string>(), idempotent: true },
  buy: { request: json<object>(), reply: json<string>() },
});

const notBegun = new OrreryError("unavailable", "Cannot reach it", { kind: "unreachable", definite: true });
const lost = new OrreryError("unavailable", "Cannot tell", { kind: "unreachable", definite: false });
const leaving = new OrreryError("unavailable", "Cannot take it", {
  kind: "bounced",
  reason: "draining",
  definite: true,
});
const refused = new OrreryError("not_found", "There is none", { kind: "error", definite: true });

/** A source whose calls end as they are told, one after the other, then in a reply. */
function shop(...ends: readonly OrreryError[]) {
  const budgets: (number | undefined)[] = [];
  const call = async (_request: unknown, { timeoutMs }: { readonly timeoutMs?: number } = {}) => {
    budgets.push(timeoutMs);
    const end = ends[budgets.length - 1];
    if (end !== undefined) throw end;
    return "done";
  };
  const source = { client: () => ({ look: call, buy: call }), send: () => ({}), publish: () => ({}) };
  const { client } = retryingSource(source as unknown as JsonCallSource, createSystemClock());
  return { client: client(Shop), budgets };
}

describe("retryingSource", () => {
  it("makes a call again that was not begun, and one that may be repeated", async () => {
    const { client, budgets } = shop(notBegun, leaving);
    assert.equal(await client.buy({}, { timeoutMs: 10_000 }), "done");
    assert.equal(budgets.length, 3);
    assert.ok((budgets[2] ?? 0) < (budgets[0] ?? 0), "with what is left of the time");
    assert.equal(await shop(lost, lost).client.look({}), "done");
  });

  it("makes no other call again, and none after its time", async () => {
    const unsure = shop(lost);
    await assert.rejects(async () => await unsure.client.buy({}), lost);
    const wrong = shop(refused);
    await assert.rejects(async () => await wrong.client.look({}), refused);
    const late = shop(notBegun, notBegun);
    await assert.rejects(async () => await late.client.look({}, { timeoutMs: 1 }), notBegun);
    const never = shop(...Array.from({ length: 10 }, () => notBegun));
    await assert.rejects(async () => await never.client.look({}), notBegun);
    assert.deepEqual(
      [unsure, wrong, late, never].map(({ budgets }) => budgets.length),
      [1, 1, 1, CALL_TRIES_MAX],
    );
  });
});
