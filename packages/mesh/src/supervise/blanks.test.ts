import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../testing/manual-clock.ts";
import { BLANK_REST_MS, type Blank, BlankPool, TAKE_MS } from "./blanks.ts";
import type { ControlledProcess, ProcessRecord, ProcessWatch } from "./process-control.ts";

const RECORD: ProcessRecord = { child: "a", token: "own", pid: 0, started: "", program: null, address: "" };

/** One process in memory, as its control sees it. */
class MemoryProcess implements ControlledProcess {
  readonly record: ProcessRecord;
  readonly watch: ProcessWatch;
  readonly said: string[] = [];

  constructor(record: ProcessRecord, watch: ProcessWatch) {
    this.record = record;
    this.watch = watch;
  }

  ping = () => void this.said.push("ping");
  drain = () => void this.said.push("drain");
  signal = (signal: string) => void this.said.push(signal);
  measure = () => undefined;
  release = () => void this.said.push("release");
}

/** A blank in memory, which becomes a process as the test says. */
class MemoryBlank implements Blank {
  readonly pid: number;
  isEnded = false;
  process: MemoryProcess | undefined;
  hear: () => void = () => undefined;
  #onEnd: () => void = () => undefined;

  constructor(pid: number) {
    this.pid = pid;
  }

  suits = ({ program }: ProcessRecord) => program === null && !this.isEnded;
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  become(record: ProcessRecord, watch: ProcessWatch, onTaken: () => void): ControlledProcess {
    this.hear = onTaken;
    this.process = new MemoryProcess({ ...record, token: `of-${this.pid}`, pid: this.pid }, watch);
    return this.process;
  }

  end(): void {
    this.isEnded = true;
    this.#onEnd();
  }
}

function open(size = 1) {
  const clock = createManualClock();
  const blanks: MemoryBlank[] = [];
  const anew: MemoryProcess[] = [];
  const pool = new BlankPool({
    start: () => {
      const blank = new MemoryBlank(blanks.length + 1);
      blanks.push(blank);
      return blank;
    },
    startAnew: (record, watch) => {
      const process = new MemoryProcess({ ...record, pid: 100 + anew.length }, watch);
      anew.push(process);
      return process;
    },
    later: (ms, does) => clock.timer(ms, does),
  });
  pool.keep(size);
  const told: string[] = [];
  const watch: ProcessWatch = {
    ready: (address) => void told.push(`ready ${address}`),
    pong: () => undefined,
    failed: (text) => void told.push(`failed ${text}`),
    exit: ({ code, signal }) => void told.push(`exit ${code} ${signal}`),
    advance: ({ token, pid }) => void told.push(`record ${token} ${pid}`),
  };
  return { clock, pool, blanks, anew, told, watch };
}

describe("BlankPool", () => {
  it("starts a blank after a rest, never more than it keeps, and ends what it keeps no more", () => {
    const { clock, pool, blanks } = open(2);
    clock.advance(BLANK_REST_MS - 1);
    assert.equal(blanks.length, 0);
    for (let rests = 0; rests < 5; rests++) clock.advance(BLANK_REST_MS);
    assert.equal(blanks.length, 2);
    pool.keep(1);
    assert.deepEqual(
      blanks.map(({ isEnded }) => isEnded),
      [false, true],
    );
    pool.keep(0);
    for (let rests = 0; rests < 5; rests++) clock.advance(BLANK_REST_MS);
    assert.equal(blanks.length, 2);
    assert.equal(blanks[0]?.isEnded, true);
  });

  it("starts none while a child starts, nor within the rest after it was ready or ended", () => {
    const { clock, pool, blanks, anew, watch } = open();
    pool.spawn(RECORD, watch);
    pool.spawn(RECORD, watch);
    clock.advance(10 * BLANK_REST_MS);
    anew[0]?.watch.ready("there");
    clock.advance(10 * BLANK_REST_MS);
    assert.equal(blanks.length, 0);
    anew[1]?.watch.exit({ code: 1, signal: "" });
    clock.advance(BLANK_REST_MS - 1);
    assert.equal(blanks.length, 0);
    clock.advance(1);
    assert.equal(blanks.length, 1);
  });

  it("starts blanks later and later that end by themselves, and soon again once one became a child", () => {
    const { clock, pool, blanks, watch } = open();
    const startsAt: number[] = [];
    for (let ms = 0; ms < 20_000; ms += 50) {
      clock.advance(50);
      if (blanks.length > startsAt.length) {
        startsAt.push(clock.now());
        if (blanks.length < 6) blanks.at(-1)?.end();
      }
    }
    const rests = startsAt.map((at, index) => at - (startsAt[index - 1] ?? 0));
    assert.deepEqual(rests, [250, 500, 1_000, 2_000, 4_000, 8_000]);
    pool.spawn(RECORD, watch);
    blanks.at(-1)?.hear();
    blanks.at(-1)?.process?.watch.ready("there");
    clock.advance(BLANK_REST_MS);
    assert.equal(blanks.length, 7);
  });

  it("gives a child the record of its blank, and tells its exit once it has heard that it is one", () => {
    const { clock, pool, blanks, anew, told, watch } = open();
    clock.advance(BLANK_REST_MS);
    assert.equal(pool.hasFor(RECORD), true);
    const { record } = pool.spawn(RECORD, watch);
    assert.deepEqual([record.token, record.pid, pool.hasFor(RECORD)], ["of-1", 1, false]);
    blanks[0]?.hear();
    blanks[0]?.process?.watch.exit({ code: 3, signal: "" });
    clock.advance(TAKE_MS);
    assert.deepEqual([told, anew, blanks[0]?.process?.said], [["exit 3 "], [], []]);
  });

  it("starts a child anew whose blank ends before it has heard, and keeps its record first", () => {
    const { clock, pool, blanks, anew, told, watch } = open();
    clock.advance(BLANK_REST_MS);
    const process = pool.spawn(RECORD, watch);
    blanks[0]?.process?.watch.exit({ code: null, signal: "SIGKILL" });
    assert.deepEqual(
      [told, process.record.token, process.record.pid],
      [["record own 0", "record own 100"], "own", 100],
    );
    anew[0]?.watch.exit({ code: 4, signal: "" });
    assert.equal(told.at(-1), "exit 4 ");
  });

  it("ends a blank that does not hear in time, and one that is to end before it has heard for good", () => {
    const { clock, pool, blanks, anew, told, watch } = open(2);
    clock.advance(BLANK_REST_MS);
    clock.advance(BLANK_REST_MS);
    pool.spawn(RECORD, watch);
    clock.advance(TAKE_MS);
    assert.deepEqual(blanks[0]?.process?.said, ["SIGKILL"]);
    blanks[0]?.process?.watch.exit({ code: null, signal: "SIGKILL" });
    assert.equal(anew.length, 1);
    pool.spawn(RECORD, watch).signal("SIGKILL");
    blanks[1]?.process?.watch.exit({ code: null, signal: "SIGKILL" });
    assert.deepEqual([anew.length, told.at(-1)], [1, "exit null SIGKILL"]);
  });

  it("leaves its blanks alone for a record that they do not suit", () => {
    const { clock, pool, anew, watch } = open();
    clock.advance(BLANK_REST_MS);
    pool.spawn({ ...RECORD, program: "another" }, watch);
    assert.deepEqual([anew.length, pool.hasFor(RECORD)], [1, true]);
  });
});
