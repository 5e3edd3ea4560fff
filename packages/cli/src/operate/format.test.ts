import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, formatRate, formatTime } from "./format.ts";

for (const [ms, text] of [
  [0, "0.0 ms"],
  [0.44, "0.4 ms"],
  [12.4, "12 ms"],
  [999.6, "1.0 s"],
  [3_100, "3.1 s"],
  [240_000, "4 min"],
  [7_200_000, "2 h"],
  [259_200_000, "3 d"],
] as const)
  test(`formatTime writes ${ms} ms as ${text}`, () => assert.equal(formatTime(ms), text));

for (const [bytes, text] of [
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [67_108_864, "64 MiB"],
  [5 * 1024 ** 5, "5120 TiB"],
] as const)
  test(`formatBytes writes ${bytes} as ${text}`, () => assert.equal(formatBytes(bytes), text));

for (const [rate, text] of [
  [0, "0"],
  [0.44, "0.4"],
  [119.6, "120"],
  [12_340, "12.3k"],
] as const)
  test(`formatRate writes ${rate} as ${text}`, () => assert.equal(formatRate(rate), text));
