import assert from "node:assert/strict";
import { test } from "node:test";
import type { Random } from "@orrery/core";
import { createDraws } from "../chance/draws.ts";
import { checkListAppend, explainListAppend, type ListAppendAnomalyName } from "./list-append.ts";
import { written } from "./testing/written-transactions.ts";
import type { ListElement, Transaction, TransactionStep } from "./transaction.ts";

/** Letters as in `written`; `!` before a transaction says that it was aborted, `?` that nobody knows. */
function history(...texts: string[]): Transaction[] {
  return texts.map((text, index) => {
    if (text.startsWith("!")) return written(text.slice(1), index, { outcome: "fail" });
    return text.startsWith("?") ? written(text.slice(1), index, { outcome: "unknown" }) : written(text, index);
  });
}

const cases: { what: string; texts: string[]; anomalies: ListAppendAnomalyName[] }[] = [
  { what: "nothing", texts: [], anomalies: [] },
  { what: "one after the other", texts: ["ax1", "rx1 ax2", "rx12"], anomalies: [] },
  { what: "a read before and after in one transaction", texts: ["ax1", "rx1 ax2 rx12 ax3", "rx123"], anomalies: [] },
  { what: "a write of unknown outcome that was seen", texts: ["?ax1", "rx1"], anomalies: [] },
  { what: "a write of unknown outcome that was not", texts: ["?ax1", "rx"], anomalies: [] },
  { what: "writes to two lists in two orders", texts: ["ax1 ay1", "ax2 ay2", "rx12 ry21"], anomalies: ["G0"] },
  { what: "a read of an aborted write", texts: ["!ax1", "rx1"], anomalies: ["G1a"] },
  { what: "a read of an intermediate write", texts: ["ax1 ax2", "rx1", "rx12"], anomalies: ["G1b", "G-single"] },
  { what: "two that read one another", texts: ["ax1 ry1", "ay1 rx1"], anomalies: ["G1c"] },
  { what: "a read of one write and not of the other", texts: ["ax1 ay1", "rx1 ry", "ry1"], anomalies: ["G-single"] },
  { what: "write skew", texts: ["rx ay1", "ry ax1", "rx1 ry1"], anomalies: ["G2-item"] },
  { what: "write skew that nobody reads afterwards", texts: ["rx ay1", "ry ax1"], anomalies: ["G2-item"] },
  { what: "a lost update", texts: ["rx ax1", "rx ax2", "rx12"], anomalies: ["lost update", "G-single"] },
  { what: "a lost update that nobody reads", texts: ["rx ax1", "rx ax2"], anomalies: ["lost update", "G2-item"] },
  { what: "two orders of a list", texts: ["ax1", "ax2", "rx12", "rx21"], anomalies: ["incompatible order"] },
  { what: "a transaction that misses its own write", texts: ["ax1 rx"], anomalies: ["internal"] },
  { what: "a transaction whose reads differ", texts: ["ax1", "rx rx1"], anomalies: ["internal"] },
  { what: "a value twice", texts: ["ax1", "rx11"], anomalies: ["duplicate elements"] },
  { what: "a value of nobody", texts: ["rx7"], anomalies: ["unknown element"] },
  { what: "a stale read, which is no anomaly without real time", texts: ["ax1", "rx"], anomalies: [] },
];
for (const { what, texts, anomalies } of cases)
  test(`checkListAppend finds ${anomalies.join(" and ") || "nothing wrong"}: ${what}`, () => {
    const result = checkListAppend(history(...texts));
    assert.deepEqual(
      result.anomalies.map(({ name }) => name),
      anomalies,
    );
    assert.equal(result.verdict, anomalies.length === 0 ? "yes" : "no");
  });

const realTimeCases: { what: string; texts: string[]; anomalies: ListAppendAnomalyName[] }[] = [
  { what: "a stale read", texts: ["ax1", "rx"], anomalies: ["G-single-realtime"] },
  { what: "a fresh read", texts: ["ax1", "rx1"], anomalies: [] },
  { what: "writes in the wrong order", texts: ["ax2", "ax1", "rx12"], anomalies: ["G0-realtime"] },
  { what: "a read of what comes later", texts: ["rx1", "ax1"], anomalies: ["G1c-realtime"] },
  { what: "a stale read of a write of unknown outcome", texts: ["?ax1", "rx", "rx1"], anomalies: [] },
];
for (const { what, texts, anomalies } of realTimeCases)
  test(`checkListAppend in real time finds ${anomalies.join(" and ") || "nothing wrong"}: ${what}`, () => {
    const { anomalies: found } = checkListAppend(history(...texts), { realTime: true });
    assert.deepEqual(
      found.map(({ name }) => name),
      anomalies,
    );
  });

test("checkListAppend counts what touches as concurrent, save in one process", () => {
  const append = written("ax1", 0, { callAt: 0, returnAt: 5 });
  const touching = written("rx", 1, { callAt: 5, returnAt: 9 });
  assert.equal(checkListAppend([append, touching], { realTime: true }).verdict, "yes");
  assert.equal(checkListAppend([append, { ...touching, process: 0 }], { realTime: true }).verdict, "no");
});

test("checkListAppend refuses a value that is appended twice", () => {
  const check = () => checkListAppend(history("ax1", "ax1"));
  assert.throws(check, /Cannot check appends of 1 to "x": there are two, append each value once to a key/);
});

test("explainListAppend tells the shortest cycle, step by step", () => {
  const result = checkListAppend(history("ax1 ay1", "ax2", "rx12 ry", "ry1"));
  assert.equal(
    explainListAppend(result),
    [
      "G-single: a read of what is overwritten, in a circle: read skew",
      "  T1  read x [1, 2], read y [] (process 2)",
      "        read y empty, before 1 was appended (read before write), so T1 comes before T2",
      "  T2  append x 1, append y 1 (process 0)",
      "        appended 1 to x, before 2 (write before write), so T2 comes before T3",
      "  T3  append x 2 (process 1)",
      "        appended 2 to x, which was read (write before read), so T3 comes before T1",
      "",
    ].join("\n"),
  );
  assert.match(explainListAppend(checkListAppend([])), /^No anomaly/);
  const aborted = explainListAppend(checkListAppend(history("!ax1", "rx1")));
  assert.match(
    aborted,
    /T1 {2}append x 1 \(process 0, aborted\)\n {2}T2 .*\n {2}the second read x as \[1\], with 1 of the first/,
  );
});

/** A store that now and then shows an old version, or appends without looking. */
function transactions(random: Random, count: number, faultEvery: number): Transaction[] {
  const lists: { [key: string]: ListElement[] } = { x: [], y: [], z: [] };
  let value = 0;
  return Array.from({ length: count }, (_, index) => {
    const before = structuredClone(lists);
    const output = Array.from({ length: 1 + random.integer(3) }, (): TransactionStep => {
      const key = "xyz"[random.integer(3)] ?? "x";
      const list = lists[key] ?? [];
      if (random.integer(2) === 0) {
        list.push(++value);
        return { kind: "append", key, value };
      }
      const isStale = faultEvery > 0 && random.integer(faultEvery) === 0;
      return { kind: "read", key, list: isStale ? (before[key] ?? []).slice(0, random.integer(3)) : [...list] };
    });
    const input = output.map(
      (step): TransactionStep => (step.kind === "read" ? { kind: "read", key: step.key } : step),
    );
    const callAt = index * 2;
    return { process: index, input, output, callAt, returnAt: callAt + random.integer(6), outcome: "ok" };
  });
}

/** Whether some order of all explains every read; in real time if asked. */
function isSerializable(
  rest: readonly Transaction[],
  realTime: boolean,
  lists: { [key: string]: ListElement[] } = {},
): boolean {
  if (rest.length === 0) return true;
  return rest.some((next) => {
    if (realTime && rest.some((other) => other.returnAt < next.callAt)) return false;
    const after = structuredClone(lists);
    const fits = (next.output ?? []).every((step) => {
      const list = after[step.key] ?? [];
      after[step.key] = list;
      if (step.kind === "append") return list.push(step.value) > 0;
      return JSON.stringify(step.list) === JSON.stringify(list);
    });
    return (
      fits &&
      isSerializable(
        rest.filter((other) => other !== next),
        realTime,
        after,
      )
    );
  });
}

for (const realTime of [false, true])
  test(`checkListAppend ${realTime ? "in real time " : ""}agrees with every order tried, on small random histories`, () => {
    const verdicts = { yes: 0, no: 0 };
    for (let seed = 1; seed <= 1_500; seed++) {
      const random = createDraws(seed).stream("transactions");
      const small = transactions(random, 3 + (seed % 4), seed % 3 === 0 ? 0 : 4);
      const { verdict } = checkListAppend(small, { realTime });
      verdicts[verdict]++;
      assert.equal(verdict, isSerializable(small, realTime) ? "yes" : "no", `seed ${seed}: ${JSON.stringify(small)}`);
    }
    assert.ok(verdicts.yes > 300 && verdicts.no > 150, JSON.stringify(verdicts));
  });

test("checkListAppend finds nothing wrong in 2,000 transactions of a store that works, and one stale read among them", () => {
  const good = transactions(createDraws(1).stream("long"), 2_000, 0);
  assert.deepEqual(checkListAppend(good, { realTime: true }), { verdict: "yes", anomalies: [] });
  const place = good.findIndex(({ output }, index) => index > 1_500 && output?.[0]?.kind === "read");
  const reader = good[place];
  assert.ok(reader?.output);
  const [first, ...others] = reader.output;
  assert.ok(first?.kind === "read");
  const stale = { ...reader, output: [{ ...first, list: first.list?.slice(0, -40) ?? [] }, ...others] };
  const { verdict, anomalies } = checkListAppend(good.with(place, stale), { realTime: true });
  assert.equal(verdict, "no");
  assert.ok(anomalies.some(({ name, transactions: part }) => name.startsWith("G-single") && part.includes(stale)));
});
