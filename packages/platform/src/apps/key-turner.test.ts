import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as settle } from "node:timers/promises";
import { createGateClock } from "../testing/gate-clock.ts";
import { createKeyTurner } from "./key-turner.ts";
import { APP_KEY_AGAIN_MS, APP_KEY_TURN_MS } from "./limits.ts";

describe("createKeyTurner", () => {
  const begin = () => {
    const clock = createGateClock();
    const state = { drawnMs: clock.now(), isReady: true, isGood: true, turns: 0 };
    const turner = createKeyTurner({
      ...{ clock, drawnMs: () => state.drawnMs, isReady: () => state.isReady },
      turn: async () => {
        state.turns++;
        if (state.isGood) state.drawnMs = clock.now();
        return state.isGood;
      },
    });
    const pass = async (ms: number) => {
      clock.pass(ms);
      await settle();
    };
    turner.look();
    return { turner, state, pass };
  };

  it("turns a key when its time is over, not before, and again after that", async () => {
    const { turner, state, pass } = begin();
    await pass(APP_KEY_TURN_MS - 1);
    assert.equal(state.turns, 0);
    await pass(1);
    assert.equal(state.turns, 1);
    turner.look();
    await pass(APP_KEY_TURN_MS);
    assert.equal(state.turns, 2);
    turner.close();
    await pass(APP_KEY_TURN_MS);
    assert.equal(state.turns, 2);
  });

  it("waits until all take calls, however late that is", async () => {
    const { turner, state, pass } = begin();
    state.isReady = false;
    await pass(2 * APP_KEY_TURN_MS);
    assert.equal(state.turns, 0);
    state.isReady = true;
    turner.look();
    turner.look(); // One turn at a time.
    await pass(0);
    assert.equal(state.turns, 1);
  });

  it("tries again after a while what was put back", async () => {
    const { turner, state, pass } = begin();
    state.isGood = false;
    await pass(APP_KEY_TURN_MS);
    turner.look();
    await pass(APP_KEY_AGAIN_MS - 1);
    assert.equal(state.turns, 1);
    state.isGood = true;
    await pass(1);
    assert.equal(state.turns, 2);
    await pass(APP_KEY_TURN_MS - 1);
    assert.equal(state.turns, 2);
  });
});
