import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createSystemClock } from "@orrery/core";
import { LOG_FILES_KEPT, LOG_LINE_LENGTH, OUTPUT_AHEAD_BYTES, OUTPUT_EMPTIED_BYTES } from "./limits.ts";
import type { LogLine } from "./log-line.ts";
import { type ReadLogOptions, readLog } from "./read-log.ts";
import { type AppLog, openAppLog } from "./system-app-log.ts";
import { createAppLogs } from "./system-app-logs.ts";

const clock = createSystemClock();
const root = mkdtempSync(join(tmpdir(), "orrery-logs-"));
after(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const newFolder = () => join(root, String(++folders));
const said = (text: string) => ({ atMs: 5, stream: "stdout" as const, instance: "a-0", text });

async function read(log: AppLog, more: Partial<ReadLogOptions> = {}) {
  const wish = { lines: undefined, after: 0, isFollowed: false, signal: new AbortController().signal, ...more };
  const lines: LogLine[] = [];
  let missed = 0;
  for await (const piece of readLog(log, wish, clock)) {
    lines.push(...piece.lines);
    missed += piece.missed;
  }
  return { lines, texts: lines.map(({ text }) => text), missed };
}

describe("openAppLog", () => {
  it("numbers lines over restarts, reads the last of them, and goes on behind a number", async () => {
    const folder = newFolder();
    openAppLog(folder).add(["one", "two"].map(said));
    const log = openAppLog(folder);
    log.add([said("three")]);
    const { lines } = await read(log);
    assert.deepEqual(
      lines.map(({ seq, text }) => `${seq} ${text}`),
      ["1 one", "2 two", "3 three"],
    );
    assert.deepEqual((await read(log, { lines: 2 })).texts, ["two", "three"]);
    assert.deepEqual((await read(log, { lines: 0 })).texts, []);
    assert.deepEqual((await read(log, { after: 1 })).texts, ["two", "three"]);
    assert.deepEqual((await read(log, { after: 3 })).texts, []);
  });

  it("goes on behind a line that was torn off when its writer died", async () => {
    const folder = newFolder();
    openAppLog(folder).add([said("one")]);
    const [file = ""] = readdirSync(folder);
    appendFileSync(join(folder, file), '[2,5,"stdout","a-0","to');
    const log = openAppLog(folder);
    log.add([said("three")]);
    assert.deepEqual(
      (await read(log)).lines.map(({ seq, text }) => [seq, text]),
      [
        [1, "one"],
        [2, "three"],
      ],
    );
  });

  it("keeps so much and no more, cuts lines that are too long, and says how many lines a reader missed", async () => {
    const folder = newFolder();
    const log = openAppLog(folder);
    const long = "x".repeat(LOG_LINE_LENGTH + 10);
    for (let turn = 0; turn < 40; turn++) log.add(Array.from({ length: 8 }, () => said(long)));
    assert.equal(readdirSync(folder).length, LOG_FILES_KEPT);
    const { lines, missed } = await read(log, { after: 1 });
    assert.equal(lines.length + missed + 1, 320);
    assert.equal(lines.at(-1)?.seq, 320);
    assert.match(lines[0]?.text ?? "", /x… \(10 more\)$/);
    assert.deepEqual(
      (await read(openAppLog(folder), { lines: 1 })).lines.map(({ seq }) => seq),
      [320],
    );
  });

  it("tells those who follow what comes, in order, and each line once", async () => {
    const log = openAppLog(newFolder());
    log.add([said("before")]);
    const end = new AbortController();
    const texts: string[] = [];
    const following = (async () => {
      const wish = { lines: 10, after: 0, isFollowed: true, signal: end.signal };
      for await (const { lines } of readLog(log, wish, clock)) {
        texts.push(...lines.map(({ text }) => text));
        if (texts.length === 1) log.add(Array.from({ length: 1_200 }, (_, at) => said(String(at))));
        if (texts.length === 1_201) end.abort();
      }
    })();
    await assert.rejects(following, /nobody reads it any more/);
    assert.deepEqual(texts, ["before", ...Array.from({ length: 1_200 }, (_, at) => String(at))]);
  });

  it("gives the lines of one process, of a component, of streams, and since a time", async () => {
    const log = openAppLog(newFolder());
    log.add([
      { atMs: 1, stream: "stdout", instance: "a-0", text: "one" },
      { atMs: 2, stream: "stderr", instance: "a-1.next", text: "two" },
      { atMs: 3, stream: "platform", instance: "", text: "three" },
    ]);
    assert.deepEqual((await read(log, { instance: "a-0" })).texts, ["one"]);
    assert.deepEqual((await read(log, { instance: "a" })).texts, ["one", "two"]);
    assert.deepEqual((await read(log, { streams: ["platform", "stderr"] })).texts, ["two", "three"]);
    assert.deepEqual((await read(log, { sinceMs: 2 })).texts, ["two", "three"]);
  });
});

describe("createAppLogs", () => {
  it("takes what processes print once, with its time, also what they printed while nobody was there", async () => {
    const folder = newFolder();
    const logs = createAppLogs({ folder, clock });
    const output = logs.outputFolder("demo.test:app");
    writeFileSync(join(output, "a-0.out"), "\u001e1700000000002000 out\nplain\n\u001e1700000000005000 torn");
    writeFileSync(join(output, "a-0.err"), "\u001e1700000000001000 err\n");
    const show = async (one: AppLog) =>
      (await read(one)).lines.map(({ atMs, stream, instance, text }) => `${atMs % 1000} ${stream} ${instance} ${text}`);
    assert.deepEqual(await show(logs.of("demo.test:app")), [
      "1 stderr a-0 err",
      "2 stdout a-0 out",
      "2 stdout a-0 plain",
    ]);
    logs.close();
    appendFileSync(join(output, "a-0.out"), "\u001e1700000000007000 next\n");
    const again = createAppLogs({ folder, clock });
    assert.deepEqual((await show(again.of("demo.test:app"))).slice(3), ["5 stdout a-0 torn", "7 stdout a-0 next"]);
    again.drop("demo.test:app");
    assert.equal(existsSync(output), false);
    assert.deepEqual(await show(again.of("demo.test:app")), []);
    again.close();
  });

  it("empties what it has taken, and leaves the oldest out of what comes faster than it is kept", async () => {
    const logs = createAppLogs({ folder: newFolder(), clock });
    const file = join(logs.outputFolder("demo.test:app"), "a-0.out");
    writeFileSync(file, `${"x".repeat(99)}\n`.repeat(OUTPUT_AHEAD_BYTES / 100 + 10_000));
    const { texts } = await read(logs.of("demo.test:app"));
    assert.match(texts[0] ?? "", /^\d+ bytes of output were left out: they came faster than they are kept$/);
    assert.ok(texts.length > 1_000 && texts.length < OUTPUT_EMPTIED_BYTES / 99, String(texts.length));
    assert.equal(statSync(file).size, 0);
    appendFileSync(file, "after\n");
    assert.equal((await read(logs.of("demo.test:app"))).texts.at(-1), "after");
    logs.close();
  });

  it("tells who follows what a process prints, by itself", async () => {
    const logs = createAppLogs({ folder: newFolder(), clock });
    const log = logs.of("demo.test:app");
    const file = join(logs.outputFolder("demo.test:app"), "a-0.out");
    const end = new AbortController();
    const wish = { lines: 0, after: 0, isFollowed: true, signal: end.signal };
    const following = readLog(log, wish, clock).next();
    appendFileSync(file, "hello\n");
    assert.equal((await following).value?.lines[0]?.text, "hello");
    end.abort();
    logs.close();
  });
});
