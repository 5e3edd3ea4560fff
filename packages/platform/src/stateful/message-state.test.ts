import { strict as assert } from "node:assert/strict";
import { test } from "node:test";
import { guestRequest } from "@orrery/guest/abi";
import { KEY_LENGTH_MAX, KEYS_LISTED_MAX, KEYS_MAX, STATE_BYTES_MAX } from "./limits.ts";
import { type MessageState, openMessageState } from "./message-state.ts";
import { EMPTY_STATE, type StateEntry, stateOf } from "./state.ts";

const text = (value: string) => new TextEncoder().encode(value);
const entry = (value: string): StateEntry => ({ contentType: "text/plain", body: text(value) });
const BEFORE = stateOf(new Map([...["a", "b", "c1", "c2"]].map((key) => [key, entry(`${key}!`)])));

function ask(state: MessageState, method: string, path: string, body = "", contentType = "text/plain"): string {
  return new TextDecoder().decode(
    state.answer(guestRequest({ service: "orrery.state", method, path, body: text(body), contentType })).body,
  );
}

test("openMessageState gives what was there, and what the message has set since", () => {
  const state = openMessageState(BEFORE);
  assert.equal(ask(state, "get", "a"), "a!");
  ask(state, "set", "a", "new");
  ask(state, "delete", "b");
  assert.equal(ask(state, "get", "a"), "new");
  assert.throws(() => ask(state, "get", "b"), {
    code: "not_found",
    message: 'Cannot get "b": the state has no such key',
  });
  assert.equal(new TextDecoder().decode(BEFORE.entries.get("a")?.body), "a!");
});

test("openMessageState tells what the message has changed, each key once, as it was set last", () => {
  const state = openMessageState(BEFORE);
  ask(state, "set", "a", "1");
  ask(state, "set", "a", "2");
  ask(state, "delete", "b");
  ask(state, "delete", "never there");
  assert.deepEqual(state.changes, [
    { key: "a", entry: entry("2") },
    { key: "b", entry: undefined },
  ]);
});

test("openMessageState has no change for a message that only reads", () => {
  const state = openMessageState(BEFORE);
  ask(state, "get", "a");
  ask(state, "keys", "");
  assert.deepEqual(state.changes, []);
});

test("openMessageState keeps its own copy of what is set", () => {
  const state = openMessageState(EMPTY_STATE);
  const body = text("old");
  state.answer(guestRequest({ method: "set", path: "a", body }));
  body.fill(0);
  assert.equal(ask(state, "get", "a"), "old");
});

test("openMessageState lists keys in order, by prefix and behind another", () => {
  const state = openMessageState(BEFORE);
  ask(state, "set", "c11", "x");
  ask(state, "delete", "c2");
  assert.equal(ask(state, "keys", ""), '["a","b","c1","c11"]');
  assert.equal(ask(state, "keys", "c"), '["c1","c11"]');
  assert.equal(ask(state, "keys", "c", '{"after":"c1"}'), '["c11"]');
});

test("openMessageState lists so many keys at once, and the rest behind them", () => {
  const keys = Array.from({ length: KEYS_LISTED_MAX + 1 }, (_, index) => String(index).padStart(6, "0"));
  const state = openMessageState(stateOf(new Map(keys.map((key) => [key, entry("")]))));
  const first: string[] = JSON.parse(ask(state, "keys", ""));
  assert.deepEqual(first, keys.slice(0, -1));
  assert.deepEqual(JSON.parse(ask(state, "keys", "", JSON.stringify({ after: first.at(-1) }))), keys.slice(-1));
});

test("openMessageState takes as many bytes as there may be, and not one more", () => {
  const state = openMessageState(EMPTY_STATE);
  const room = STATE_BYTES_MAX - "a".length;
  state.answer(guestRequest({ method: "set", path: "a", body: new Uint8Array(room) }));
  const more = guestRequest({ method: "set", path: "a", body: new Uint8Array(room + 1) });
  assert.throws(() => state.answer(more), { code: "resource_exhausted", message: /delete some keys first/ });
  ask(state, "delete", "a", "", "");
  ask(state, "set", "b", "fits again", "");
});

test("openMessageState takes as many keys as there may be, and not one more", () => {
  const keys = Array.from({ length: KEYS_MAX }, (_, index) => `${index}`);
  const state = openMessageState(stateOf(new Map(keys.map((key) => [key, entry("")]))));
  ask(state, "set", "0", "there already");
  assert.throws(() => ask(state, "set", "one more"), { code: "resource_exhausted" });
});

const wrong: readonly [what: string, method: string, path: string, body: string, code: string][] = [
  ["an empty key", "set", "", "x", "invalid_argument"],
  ["a key that is too long", "get", "k".repeat(KEY_LENGTH_MAX + 1), "", "invalid_argument"],
  ["a method that there is not", "append", "a", "x", "unimplemented"],
  ["a list that is no JSON", "keys", "", "{", "invalid_argument"],
  ["a list behind what is no text", "keys", "", '{"after":1}', "invalid_argument"],
  ["a list of what is no object", "keys", "", "null", "invalid_argument"],
];
for (const [what, method, path, body, code] of wrong) {
  test(`openMessageState refuses ${what}`, () => {
    assert.throws(() => ask(openMessageState(BEFORE), method, path, body), { code });
  });
}

test("openMessageState takes the longest key", () => {
  const key = "k".repeat(KEY_LENGTH_MAX);
  const state = openMessageState(EMPTY_STATE);
  ask(state, "set", key, "x");
  assert.equal(ask(state, "get", key), "x");
});
