import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createLog, createSystemClock } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import { openTestRegistry } from "@orrery/registry/conformance";
import { LOG_RULES_MAX } from "./limits.ts";
import { LOG_LEVEL_KIND } from "./log-level-kind.ts";
import { openLogLevels } from "./log-levels.ts";

const by = { agent: "operator" };
const clock = createSystemClock();
const log = createLog({ sink: () => {}, now: () => 0 });

let registry: Registry;
before(async () => {
  registry = await openTestRegistry({ kinds: [LOG_LEVEL_KIND] });
  await registry.create({ address: "demo.test", kind: "Space" }, by);
});
after(() => registry[Symbol.asyncDispose]());

const open = (apply: (space: string) => void = () => {}) =>
  openLogLevels({ registry, clock, log, agent: "operator", apply });
const set = (name: string, pattern: string, level: string) =>
  registry.create({ address: `demo.test:${name}`, kind: "LogLevel", properties: { pattern, level } }, by);

/** Waits until a level of a name stands so. */
async function until(name: string, state: string): Promise<string> {
  for await (const { resource } of registry.watch({ selector: `demo.test:${name}`, after: 0 }, by))
    if (resource.status.state === state) return resource.status.reason ?? "";
  return assert.fail("the registry has ended");
}

describe("openLogLevels", () => {
  it("has levels obeyed before they are Ready, and at its next start before anything else", async () => {
    const applied: string[] = [];
    const levels = await open((space) => void applied.push(`${space} ${levels.of("demo.test:app:till")}`));
    await set("one", "demo.test:app:**", "debug");
    await until("one", "Ready");
    assert.deepEqual(applied, ["demo.test debug"]);
    await levels[Symbol.asyncDispose]();
    await using next = await open();
    assert.equal(next.of("demo.test:app:till"), "debug");
  });

  it("says of one that counts for nothing why it does not", async () => {
    await using levels = await open();
    await set("wrong", "demo.test:**:app", "off");
    assert.match(await until("wrong", "Panic"), /"\*\*" stands at the end only/);
    await set("foreign", "rival.test:app", "off");
    assert.match(await until("foreign", "Panic"), /counts in its own space alone/);
    assert.deepEqual([levels.of("rival.test:app"), levels.of("demo.test:app")], ["info", "info"]);
    for (const name of ["wrong", "foreign", "one"]) await registry.remove({ address: `demo.test:${name}` }, by);
  });

  it(`has ${LOG_RULES_MAX} of a space count, and the next when one of them goes`, async () => {
    await using levels = await open();
    const names = Array.from({ length: LOG_RULES_MAX + 1 }, (_, at) => `l${String(at).padStart(3, "0")}`);
    const properties = (name: string) => ({ pattern: `demo.test:${name}`, level: "warn" });
    const made = names.map((name) => ({
      address: `demo.test:${name}`,
      kind: "LogLevel",
      properties: properties(name),
    }));
    await registry.apply(
      made.map((create) => ({ create })),
      by,
    );
    const last = names.at(-1) ?? "";
    assert.equal(await until(last, "Panic"), `a space has up to ${LOG_RULES_MAX} log levels that count: remove one`);
    assert.deepEqual([levels.of(`demo.test:${names.at(-2)}`), levels.of(`demo.test:${last}`)], ["warn", "info"]);
    await registry.remove({ address: `demo.test:${names[0]}` }, by);
    await until(last, "Ready");
    assert.equal(levels.of(`demo.test:${last}`), "warn");
  });
});
