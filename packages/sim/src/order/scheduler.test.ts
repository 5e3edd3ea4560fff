import assert from "node:assert/strict";
import { test } from "node:test";
import { createDraws } from "../chance/draws.ts";
import { Phase } from "./event-key.ts";
import { createLane } from "./lane.ts";
import { createScheduler } from "./scheduler.ts";

test("a strategy that always takes another one puts an event off for no longer than its slack", () => {
  const slackTicks = 1000;
  const scheduler = createScheduler({
    strategy: {
      slackTicks,
      eventsMax: 64,
      choose: (enabled) => enabled.findIndex(({ target }) => target === 1),
    },
  });
  let ranAt = -1;
  const repeat = () => {
    if (scheduler.tick < 100_000) scheduler.after(100, { phase: Phase.timer, target: 1, origin: 1, run: repeat });
  };
  repeat();
  const run = () => {
    ranAt = scheduler.tick;
  };
  scheduler.after(5000, { phase: Phase.timer, target: 2, origin: 2, run });
  while (scheduler.step() !== undefined);
  assert.ok(ranAt > 5000 && ranAt <= 5000 + slackTicks, `ran at ${ranAt}`);
});

test("a strategy that always takes another one puts what follows on a lane off for no longer than its slack", () => {
  const slackTicks = 1000;
  const lane = createLane();
  const delays: number[] = [];
  const scheduler = createScheduler({
    strategy: {
      slackTicks,
      eventsMax: 64,
      choose: (enabled) =>
        Math.max(
          0,
          enabled.findIndex(({ target }) => target === 1),
        ),
    },
  });
  const send = () => {
    const dueTick = scheduler.tick + 10;
    const run = () => void delays.push(scheduler.tick - dueTick);
    scheduler.after(10, { phase: Phase.delivery, target: 2, origin: 1, lane, run });
    if (scheduler.tick < 50_000) scheduler.after(100, { phase: Phase.timer, target: 1, origin: 1, run: send });
  };
  send();
  while (scheduler.step() !== undefined);
  assert.ok(delays.length > 400, `${delays.length} arrived`);
  assert.ok(Math.max(...delays) <= slackTicks + 64, `one was put off by ${Math.max(...delays)}`);
});

test("a strategy that puts the first of a lane off twice lets nothing behind it overtake it", () => {
  const lane = createLane();
  const order: string[] = [];
  const chosen = ["between", "late"];
  const scheduler = createScheduler({
    strategy: {
      slackTicks: 1000,
      eventsMax: 64,
      choose: (enabled) =>
        Math.max(
          0,
          enabled.findIndex(({ note }) => note === chosen[0]),
        ),
    },
  });
  const happen = (delayTicks: number, note: string, target: number) =>
    scheduler.after(delayTicks, {
      ...{ phase: Phase.delivery, target, origin: 1, note },
      run: () => {
        order.push(note);
        if (note === chosen[0]) chosen.shift();
      },
      lane: target === 2 ? lane : undefined,
    });
  happen(10, "first", 2);
  happen(11, "second", 2);
  happen(11, "between", 1);
  happen(50, "late", 1);
  while (scheduler.step() !== undefined);
  assert.deepEqual(order, ["between", "late", "first", "second"]);
});

test("a strategy that puts timers of a lane off takes none that wait behind them past its slack", () => {
  const slackTicks = 1000;
  const draws = createDraws(5).stream("scheduler");
  const lane = createLane();
  const delays: number[] = [];
  const scheduler = createScheduler({
    strategy: { slackTicks, eventsMax: 64, choose: (enabled) => draws.integer(enabled.length) },
  });
  const begin = () => {
    const delayTicks = 1 + draws.integer(3000);
    const dueTick = scheduler.tick + delayTicks;
    const run = () => void delays.push(scheduler.tick - dueTick);
    // Timers are planned in another order than that in which they are due.
    scheduler.after(delayTicks, { phase: Phase.timer, target: 2, origin: 2, lane, run });
    if (scheduler.tick < 200_000) scheduler.after(150, { phase: Phase.timer, target: 1, origin: 1, run: begin });
  };
  begin();
  while (scheduler.step() !== undefined);
  assert.ok(delays.length > 400, `${delays.length} ran`);
  assert.ok(Math.max(...delays) <= slackTicks + 64, `one was put off by ${Math.max(...delays)}`);
});
