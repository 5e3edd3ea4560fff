import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { toPerfetto } from "./perfetto.ts";
import { shopRun } from "./testing/shop-run.ts";

/** The trace event format, as far as it is used: "Trace Event Format", by Google. */
const place = { name: z.string().min(1), pid: z.int().min(0), tid: z.int().min(0) };
const timed = { ...place, ts: z.number().min(0), cat: z.string().optional(), args: z.looseObject({}).optional() };
const event = z.discriminatedUnion("ph", [
  z.strictObject({ ph: z.literal("M"), ...place, args: z.looseObject({}) }),
  z.strictObject({ ph: z.literal("X"), ...timed, dur: z.number().min(0) }),
  z.strictObject({ ph: z.literal("b"), ...timed, cat: z.string(), id: z.string() }),
  z.strictObject({ ph: z.literal("e"), ...timed, cat: z.string(), id: z.string() }),
  z.strictObject({ ph: z.literal("s"), ...timed, cat: z.string(), id: z.string() }),
  z.strictObject({ ph: z.literal("f"), ...timed, cat: z.string(), id: z.string(), bp: z.literal("e") }),
  z.strictObject({ ph: z.literal("i"), ...timed, s: z.enum(["g", "p", "t"]) }),
]);
const traceFile = z.strictObject({
  displayTimeUnit: z.enum(["ms", "ns"]),
  otherData: z.record(z.string(), z.string()),
  traceEvents: z.array(event),
});
type Event = z.infer<typeof event>;
type Of<P extends Event["ph"]> = Extract<Event, { ph: P }>;

async function eventsOfRun(options?: { flow: string }) {
  const { traceEvents } = traceFile.parse(JSON.parse(toPerfetto(await shopRun(), options)));
  const of = <P extends Event["ph"]>(ph: P) => traceEvents.filter((one): one is Of<P> => one.ph === ph);
  return { traceEvents, of };
}

test("toPerfetto writes the trace event format, sorted by time, with every process and thread named", async () => {
  const { traceEvents, of } = await eventsOfRun();
  const times = traceEvents.flatMap((one) => (one.ph === "M" ? [] : [one.ts]));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  const named = new Set(of("M").map(({ name, pid, tid }) => `${name} ${pid} ${tid}`));
  for (const { pid, tid } of traceEvents) {
    assert.ok(named.has(`process_name ${pid} 0`));
    assert.ok(tid === 0 || named.has(`thread_name ${pid} ${tid}`), `thread ${tid} of process ${pid}`);
  }
  const names = of("M").filter(({ name }) => name === "process_name");
  assert.deepEqual(
    names.map(({ args }) => args["name"]),
    ["world", "till", "store", "visitor"],
  );
});

test("toPerfetto puts slices of one thread apart or into one another", async () => {
  const { of } = await eventsOfRun();
  const slices = of("X");
  assert.ok(slices.length > 10);
  for (const a of slices)
    for (const b of slices) {
      if (a === b || a.pid !== b.pid || a.tid !== b.tid) continue;
      const [aEnd, bEnd] = [a.ts + a.dur, b.ts + b.dur];
      const isApart = aEnd <= b.ts || bEnd <= a.ts;
      const isWithin = (a.ts <= b.ts && bEnd <= aEnd) || (b.ts <= a.ts && aEnd <= bEnd);
      assert.ok(isApart || isWithin, `${a.name} at ${a.ts} and ${b.name} at ${b.ts}`);
    }
});

test("toPerfetto ends each message that it begins, and binds both ends of each arrow to a slice", async () => {
  const { of } = await eventsOfRun();
  const [begins, ends] = [of("b"), new Map(of("e").map((one) => [`${one.cat} ${one.id}`, one]))];
  assert.equal(ends.size, begins.length);
  for (const begin of begins) assert.ok((ends.get(`${begin.cat} ${begin.id}`)?.ts ?? -1) >= begin.ts);
  const [starts, finishes] = [of("s"), new Map(of("f").map((one) => [one.id, one]))];
  assert.ok(starts.length >= 10);
  assert.equal(finishes.size, starts.length);
  const isBound = ({ pid, tid, ts }: Of<"s"> | Of<"f">) =>
    of("X").some((slice) => slice.pid === pid && slice.tid === tid && slice.ts <= ts && ts < slice.ts + slice.dur);
  for (const start of starts) {
    const finish = finishes.get(start.id) ?? assert.fail();
    assert.ok(isBound(start) && isBound(finish) && start.ts <= finish.ts);
    assert.notEqual(`${start.pid} ${start.tid}`, `${finish.pid} ${finish.tid}`);
  }
});

test("toPerfetto marks faults, crashes, losses and points, and shows how long a node was down or paused", async () => {
  const { of } = await eventsOfRun();
  const marks = of("i").map(({ name, s }) => `${name} ${s}`);
  for (const mark of ["partition visitor | store g", "crash p", "restart p", "dropped p", "read t"])
    assert.ok(marks.includes(mark), `${mark} in ${marks.join(", ")}`);
  const states = of("X").filter(({ cat }) => cat === "fault");
  assert.deepEqual(
    states.map(({ name, pid }) => `${name} ${pid}`),
    ["down 2", "paused 1"],
  );
  const crashed = of("X").find(({ args }) => args?.["outcome"] === "crashed");
  assert.equal(crashed?.name, "counter.wait");
  assert.equal(crashed && crashed.ts + crashed.dur, states[0]?.ts);
});

test("toPerfetto takes one flow alone, and refuses one that is not there", async () => {
  const { of } = await eventsOfRun({ flow: "checkout" });
  const methods = new Set(of("b").map(({ name }) => name));
  assert.deepEqual([...methods].sort(), ["cell.get", "cell.set", "till.pay"]);
  const recording = await shopRun();
  assert.throws(() => toPerfetto(recording, { flow: "refund" }), {
    code: "not_found",
    message: /^Cannot find flow "refund": the run has "checkout", "visitor\/5", "visitor\/6"$/,
  });
});
