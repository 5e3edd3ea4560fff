import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { residentBytesOf } from "../lib/machine.ts";
import { openPlatform } from "../lib/open-platform.ts";
import { SCRIPT } from "./guests.ts";

const SETTLE_MS = 3_000;
const CODE = "bench.test:src:1.0.0";

/** Resident memory of an `orrery up` with each number of mechtrons at rest, in MiB. The numbers grow. */
export async function idleMiB(counts: readonly number[]): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-bench-idle-"));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src/echo.js"), SCRIPT);
  writeFileSync(join(folder, "src/orrery.yaml"), "mechtrons: { echo: echo.js }\n");
  await using platform = await openPlatform(folder);
  const { pid, type } = platform;
  await type("exec", `create bench.test<Space>; publish src ${CODE}`);
  await type("create", `bench.test:app<App>{ +config=${CODE}:/orrery.yaml }`);
  const isReady = async (name: string) =>
    /"state": *"Ready"/.test((await type("status", `bench.test:app:${name}`, "--output=json")).stdout);
  const found: number[] = [];
  let made = 0;
  for (const count of counts) {
    const lines: string[] = [];
    for (; made < count; made++) lines.push(`create 'bench.test:app:m${made}<Mechtron>{ +config=${CODE}:/echo.js }'`);
    writeFileSync(join(folder, "more.script"), `${lines.join("\n")}\n`);
    await type("script", "more.script");
    while (!(await isReady(`m${made - 1}`))) await setTimeout(SETTLE_MS);
    await setTimeout(SETTLE_MS);
    found.push(residentBytesOf(pid) / 1_024 / 1_024);
  }
  rmSync(folder, { recursive: true, force: true });
  return found;
}
