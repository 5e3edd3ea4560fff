import assert from "node:assert/strict";
import { test } from "node:test";
import { createDraws } from "../chance/draws.ts";
import { formatKey, Phase } from "./event-key.ts";
import type { PlannedEvent } from "./event-queue.ts";
import { createLane, type Lane } from "./lane.ts";
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

test("a scheduler runs what is on a lane in the order in which it was due, also where that was planned last", () => {
  const lane = createLane();
  const order: string[] = [];
  const scheduler = createScheduler({ delayOf: ({ note }) => (note === "soon" ? 100 : 0) });
  const happen = (delayTicks: number, note: string) =>
    scheduler.after(delayTicks, {
      phase: Phase.timer,
      target: 1,
      origin: 1,
      lane,
      note,
      run: () => void order.push(note),
    });
  happen(60, "late");
  happen(30, "later");
  happen(10, "soon");
  while (scheduler.step() !== undefined);
  assert.deepEqual(order, ["soon", "later", "late"]);
});

test("a scheduler lets those go that wait behind an event of their lane when it is cancelled", () => {
  const lane = createLane();
  const ran: number[] = [];
  const scheduler = createScheduler({ delayOf: ({ sequence }) => (sequence === 1 ? 100 : 0) });
  const happen = (delayTicks: number, given: { lane?: typeof lane; run: () => void }) =>
    scheduler.after(delayTicks, { phase: Phase.timer, target: 1, origin: 1, ...given });
  const first = happen(10, { lane, run: () => assert.fail("it was cancelled") });
  for (const delayTicks of [20, 40]) happen(delayTicks, { lane, run: () => void ran.push(scheduler.tick) });
  happen(30, { run: () => scheduler.cancel(first) });
  while (scheduler.step() !== undefined);
  assert.deepEqual(ran, [30, 40]);
});

for (const ticks of [0, 1])
  test(`a scheduler lets nothing overtake what a slow node has taken up, when each message takes ${ticks} ticks from then on`, () => {
    const lane = createLane();
    const ran: [number, number][] = [];
    const scheduler = createScheduler();
    const arrive = (delayTicks: number, number: number) => {
      const run = () => void ran.push([number, scheduler.tick]);
      scheduler.after(delayTicks, { phase: Phase.delivery, target: 1, origin: 2, lane, run });
    };
    for (const [number, delayTicks] of [10, 20, 40, 500].entries()) arrive(delayTicks, number);
    scheduler.slow(1, 100);
    scheduler.after(30, { phase: Phase.fault, target: 0, origin: 0, run: () => scheduler.slow(1, ticks) });
    while (scheduler.step() !== undefined);
    assert.deepEqual(ran, [
      [0, 30 + ticks],
      [1, 30 + 2 * ticks],
      [2, 40 + ticks],
      [3, 500 + ticks],
    ]);
  });

/** Events that plan and cancel others, on lanes of deliveries and of timers, at nodes that are paused and slow for a while. */
function runTangle(seed: number, { delays, slackTicks = 0 }: { delays?: Map<string, number>; slackTicks?: number }) {
  const noted = new Map<string, number>();
  const ran: string[] = [];
  /** The last message of each cable that was received. */
  const received = new Map<Lane, number>();
  const follow = ({ phase, lane, sequence }: PlannedEvent) => {
    if (phase !== Phase.delivery || lane === undefined) return;
    assert.ok(sequence > (received.get(lane) ?? 0), `seed ${seed}: message ${sequence} was overtaken`);
    received.set(lane, sequence);
  };
  const choosing = createDraws(seed).stream("choose");
  const idOf = ({ origin, sequence }: PlannedEvent) => `${origin}#${sequence}`;
  const choose = (enabled: readonly PlannedEvent[]) => (choosing.next() < 0.3 ? choosing.integer(enabled.length) : 0);
  const scheduler = createScheduler({
    ...(slackTicks > 0 && { strategy: { slackTicks, eventsMax: 64, choose } }),
    ...(delays && { delayOf: (event) => delays.get(idOf(event)) ?? 0 }),
    onPutOff: (event, byTicks) => void noted.set(idOf(event), byTicks),
    watch(event) {
      ran.push(formatKey(event));
      follow(event);
    },
  });
  const draws = createDraws(seed);
  const draw = draws.stream("do");
  const targets = [1, 2, 3];
  const timerLanes = targets.map(createLane);
  const cableLanes = targets.map(() => targets.map(createLane));
  const planned: PlannedEvent[] = [];
  let left = 300;
  const act = (target: number) => () => {
    for (let count = draw.integer(3); count > 0 && left > 0; count--) plan(target, targets[draw.integer(3)] as number);
    if (draw.next() < 0.1 && planned.length > 0)
      scheduler.cancel(planned[draw.integer(planned.length)] as PlannedEvent);
  };
  const plan = (origin: number, to: number) => {
    left--;
    const isTimer = draw.next() < 0.5;
    const [phase, target] = isTimer ? [Phase.timer, origin] : [Phase.delivery, to];
    const lane = isTimer ? timerLanes[origin - 1] : cableLanes[origin - 1]?.[to - 1];
    planned.push(scheduler.after(draw.integer(60), { phase, target, origin, lane, run: act(target) }));
  };
  const disturb = (atTick: number, run: () => void) =>
    scheduler.after(atTick, { phase: Phase.fault, target: 0, origin: 0, run });
  for (const target of targets) {
    const fault = draws.stream("fault", `${target}`);
    const [pauseTick, slowTick] = [fault.integer(300), fault.integer(300)];
    disturb(pauseTick, () => scheduler.pause(target));
    disturb(pauseTick + 50, () => scheduler.resume(target));
    disturb(slowTick, () => scheduler.slow(target, 5));
    disturb(slowTick + 60, () => scheduler.slow(target, 0));
    for (let count = 0; count < 10; count++) plan(target, targets[draw.integer(3)] as number);
  }
  while (scheduler.step() !== undefined);
  return { ran, noted };
}

test("a scheduler that is told what a strategy put off at last runs all events at the same ticks, in the same order", () => {
  let putOff = 0;
  for (let seed = 1; seed <= 500; seed++) {
    const found = runTangle(seed, { slackTicks: 1 + (seed % 80) });
    const again = runTangle(seed, { delays: found.noted });
    assert.deepEqual(again.ran, found.ran, `seed ${seed}`);
    putOff += found.noted.size;
  }
  assert.ok(putOff > 5000, `${putOff} were put off`);
});
