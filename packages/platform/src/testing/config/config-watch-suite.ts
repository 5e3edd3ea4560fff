import assert from "node:assert/strict";
import { it } from "node:test";
import type { Config, WatchConfig } from "../../config/config.ts";
import { CONFIG_CHANGES_BYTES_MAX } from "../../config/limits.ts";
import { expectRefusal } from "../expect-refusal.ts";
import { OPERATOR, OTHER, OWNER, type SpaceWorld } from "../space-world.ts";
import { openConfig } from "./open-config.ts";

/** Takes what a watch gives. */
async function* versionsOf(config: Config, request: WatchConfig, by = OWNER) {
  for await (const { change } of config.watch(request, by)) if (change !== undefined) yield change.version;
}

async function take(from: AsyncIterator<number>, count: number): Promise<readonly number[]> {
  const taken: number[] = [];
  while (taken.length < count) taken.push((await from.next()).value as number);
  return taken;
}

/** What watches of config do, whichever PostgreSQL keeps it. */
export function testConfigWatches(world: () => SpaceWorld): void {
  const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, n) => n + from);

  it("tells a watch every change once and in order, from where the one before it ended", async () => {
    const { config } = await openConfig(world());
    const space = await world().space();
    const set = (n: number) => config.set({ space, steps: [{ path: `k${n % 3}`, value: n }] }, OWNER);
    const first = versionsOf(config, { space, after: 0 });
    const begun = first.next();
    await Promise.all(numbers(30).map(set));
    assert.equal((await begun).value, 1);
    assert.deepEqual(await take(first, 9), numbers(9, 2));
    await first.return(undefined);
    await set(31);
    const second = versionsOf(config, { space, after: 10 });
    assert.deepEqual(await take(second, 21), numbers(21, 11));
    const next = second.next();
    await set(32);
    assert.equal((await next).value, 32);
    await second.return(undefined);
  });

  it("tells a watch of a path what is there, in it and above it, and no more", async () => {
    const { config } = await openConfig(world());
    const space = await world().space();
    const watch = versionsOf(config, { space, path: "a.b", after: 0 });
    for (const path of ["a.b", "a.c", "a.b.x", "z", "a"])
      await config.set({ space, steps: [{ path, value: { n: path } }] }, OWNER);
    await config.set({ space, steps: [{ path: "a", remove: true }] }, OWNER);
    assert.deepEqual(await take(watch, 3), [1, 3, 6]);
    await watch.return(undefined);
  });

  it("tells a watch what another process set, where others may", async () => {
    const { config } = await openConfig(world(), { isShared: true });
    const { config: beside } = await openConfig(world());
    const space = await world().space();
    const watch = versionsOf(config, { space, after: 0 });
    const next = watch.next();
    await beside.set({ space, steps: [{ path: "a", value: 1 }] }, OWNER);
    assert.equal((await next).value, 1);
    await watch.return(undefined);
  });

  it("ends a watch when its right ends, when the Space goes, and with its signal", async () => {
    const { config } = await openConfig(world());
    const space = await world().space();
    await world().grant(space, "r", "[config]");
    const [{ address = "" } = {}] = (await world().registry.list({ selector: `${space}:*<Grant>` }, OPERATOR))
      .resources;
    const set = (n: number) => config.set({ space, steps: [{ path: "n", value: n }] }, OWNER);
    const [granted, owned] = [versionsOf(config, { space, after: 0 }, OTHER), versionsOf(config, { space, after: 0 })];
    await set(1);
    assert.deepEqual([...(await take(granted, 1)), ...(await take(owned, 1))], [1, 1]);
    const [ends, goes] = [granted.next(), owned.next()];
    await world().registry.remove({ address }, OPERATOR);
    await set(2);
    await expectRefusal(ends, "permission_denied");
    assert.equal((await goes).value, 2);
    const gone = owned.next();
    const { created } = await world().registry.get(space, OPERATOR);
    await world().registry.remove({ address: space, recursive: true }, OPERATOR);
    await config.drop(created);
    await expectRefusal(gone, "permission_denied");
    const ended = new AbortController();
    const signalled = config.watch({ space: await world().space() }, { ...OWNER, signal: ended.signal });
    const quiet = signalled[Symbol.asyncIterator]();
    assert.deepEqual((await quiet.next()).value, { version: 0 });
    const last = quiet.next();
    ended.abort();
    assert.equal((await last).done, true);
  });

  it("refuses a watch from where changes are forgotten, or never were; the newest are kept", async () => {
    const { config } = await openConfig(world());
    const space = await world().space();
    const large = 250_000;
    const count = Math.ceil(CONFIG_CHANGES_BYTES_MAX / large) + 2;
    for (const n of numbers(count))
      await config.set({ space, steps: [{ path: "a", value: String.fromCharCode(96 + n).repeat(large) }] }, OWNER);
    const refused = (after: number) =>
      expectRefusal(versionsOf(config, { space, after }).next(), "out_of_range", `after version ${after}`);
    await refused(0);
    await refused(count + 1);
    const { changes } = await config.history({ space }, OWNER);
    const kept = changes.map(({ version }) => version);
    assert.deepEqual(kept, numbers(kept.length, count - kept.length + 1).reverse());
    const watch = versionsOf(config, { space, after: count - kept.length });
    assert.deepEqual(await take(watch, kept.length), kept.toReversed());
    await watch.return(undefined);
  });
}
