import assert from "node:assert/strict";
import { before, it } from "node:test";
import type { JsonValue } from "@orrery/core";
import type { Config } from "../../config/config.ts";
import { CONFIG_BYTES_MAX, CONFIG_SCOPES_MAX, CONFIG_STEPS_MAX } from "../../config/limits.ts";
import { expectRefusal } from "../expect-refusal.ts";
import { OPERATOR, OTHER, OWNER, type SpaceWorld } from "../space-world.ts";
import { openConfig } from "./open-config.ts";

/** What config does, whichever PostgreSQL keeps it. */
export function testConfig(world: () => SpaceWorld): void {
  let config: Config;
  before(async () => {
    ({ config } = await openConfig(world()));
  });
  const use = async () => {
    const space = await world().space();
    const set = (path: string, value: JsonValue) => config.set({ space, steps: [{ path, value }] }, OWNER);
    const get = async (path = "") => (await config.get({ space, path }, OWNER)).value;
    return { space, set, get };
  };

  it("keeps values of every type by dotted paths, merges objects, and puts anything else in the place of what is there", async () => {
    const { set, get, space } = await use();
    const deep = { name: 'ü "\\', list: [1, { a: null }, "2"], on: true, off: false, none: null, ratio: -0.5 };
    await set("app", deep);
    await set("app", { name: "b", more: { x: 1 } });
    assert.deepEqual(await get("app"), { ...deep, name: "b", more: { x: 1 } });
    assert.deepEqual(
      [await get("app.list.1"), await get("app.list.2"), await get("app.more.x")],
      [{ a: null }, "2", 1],
    );
    await set("app.more", 7);
    await set("app.list", {});
    await set("a\\.b", { "c.d": "dots" });
    assert.deepEqual([await get("app.more"), await get("app.list"), await get("a\\.b.c\\.d")], [7, {}, "dots"]);
    await set("app.more", { y: 2 });
    assert.deepEqual(await get("app.more"), { y: 2 });
    await config.set({ space, steps: [{ path: "app", remove: true }] }, OWNER);
    assert.deepEqual(await get(), { "a.b": { "c.d": "dots" } });
    await expectRefusal(get("app.more"), "not_found", 'Cannot get config "app.more": nothing is set there');
  });

  it("sets several paths as one: all of it, or nothing", async () => {
    const { get, space } = await use();
    const steps = [
      { path: "a.b", value: 1 },
      { path: "c", value: 2 },
      { path: "a", remove: true },
    ] as const;
    assert.deepEqual(await config.set({ space, steps }, OWNER), { version: 1, changed: true });
    assert.deepEqual(await get(), { c: 2 });
    await expectRefusal(
      config.set(
        {
          space,
          steps: [
            { path: "d", value: 1 },
            { path: "e..f", value: 2 },
          ],
        },
        OWNER,
      ),
      "invalid_argument",
      "a name is missing",
    );
    assert.deepEqual(await get(), { c: 2 });
  });

  it("loses none of many sets at once, each of which is one version", async () => {
    const { get, space, set } = await use();
    const names = Array.from({ length: 40 }, (_, n) => `k${n}`);
    const beside = (await openConfig(world())).config; // As another process would set.
    const written = await Promise.all(
      names.map((name, n) =>
        n % 2 === 0 ? set(name, n) : beside.set({ space, steps: [{ path: name, value: n }] }, OWNER),
      ),
    );
    assert.deepEqual(
      written.map(({ version }) => version).sort((a, b) => a - b),
      names.map((_, n) => n + 1),
    );
    assert.deepEqual(await get(), Object.fromEntries(names.map((name, n) => [name, n])));
  });

  it("sets at a version alone where it is told, and makes no version of what is so already", async () => {
    const { space, set } = await use();
    const at = (ifVersion: number, value: JsonValue) =>
      config.set({ space, ifVersion, steps: [{ path: "a", value }] }, OWNER);
    const late = await expectRefusal(at(1, 1), "aborted", "Cannot set config at version 1: it is at 0");
    assert.deepEqual(late.details, { version: 0 });
    assert.deepEqual(await at(0, 1), { version: 1, changed: true });
    assert.deepEqual(await set("a", 1), { version: 1, changed: false });
    const both = await Promise.allSettled([at(1, 2), at(1, 3)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });

  it("tells what was changed, the newest first, by path and page by page", async () => {
    const { space, set } = await use();
    for (let n = 1; n <= 5; n++) await set(n % 2 === 0 ? "even.n" : "odd.n", n);
    await config.set({ space, steps: [{ path: "even", remove: true }] }, OPERATOR);
    const { changes } = await config.history({ space, path: "even.n" }, OWNER);
    assert.deepEqual(
      changes.map(({ version, agent, paths }) => ({ version, agent, paths })),
      [
        { version: 6, agent: "operator", paths: [{ path: "even", removed: true }] },
        { version: 4, agent: OWNER.agent, paths: [{ path: "even.n", value: 4 }] },
        { version: 2, agent: OWNER.agent, paths: [{ path: "even.n", value: 2 }] },
      ],
    );
    const seen: number[] = [];
    for (let before: number | undefined; ; ) {
      const page = await config.history({ space, limit: 4, ...(before === undefined ? {} : { before }) }, OWNER);
      seen.push(...page.changes.map(({ version }) => version));
      before = page.next;
      if (before === undefined) break;
    }
    assert.deepEqual(seen, [6, 5, 4, 3, 2, 1]);
  });

  it("keeps scopes and Spaces apart, and gives a Space that is made anew nothing of the one before", async () => {
    const { space, set, get } = await use();
    await set("a", 1);
    await config.set({ space, scope: "greeter", steps: [{ path: "a", value: 2 }] }, OWNER);
    const scoped = async () => (await config.get({ space, scope: "greeter" }, OWNER)).value;
    assert.deepEqual([await get(), await scoped()], [{ a: 1 }, { a: 2 }]);
    await world().grant(space, "r", "[config]:greeter");
    assert.deepEqual((await config.get({ space, scope: "greeter" }, OTHER)).value, { a: 2 });
    await expectRefusal(config.get({ space }, OTHER), "permission_denied");
    await world().registry.remove({ address: space, recursive: true }, OPERATOR);
    await world().space(space);
    assert.deepEqual(await get(), {});
    await expectRefusal(
      scoped().then(() => get("a")),
      "not_found",
    );
  });

  it("takes a scope of the greatest size, and nothing larger, deeper or longer", async () => {
    const { space, set } = await use();
    const around = JSON.stringify({ b: { a: { v: "" } } }).length;
    await set("a", "x".repeat(CONFIG_BYTES_MAX - around));
    const exhausted = "resource_exhausted" as const;
    await expectRefusal(set("b", 1), exhausted, `up to ${CONFIG_BYTES_MAX} fit`);
    const refusals: [JsonValue, string][] = [
      [Object.fromEntries(Array.from({ length: CONFIG_STEPS_MAX + 1 }, (_, n) => [`n${n}`, n])), "up to 1000 fit"],
      [Array.from({ length: 32 }).reduce<JsonValue>((value) => ({ d: value }), 1), "up to 32 fit"],
      [{ ["n".repeat(129)]: 1 }, "up to 128 fit"],
      [JSON.parse('{"__proto__": 1}'), "is no name"],
      [{ "": 1 }, "it has an empty name"],
    ];
    for (const [value, text] of refusals) await expectRefusal(set("c", value), "invalid_argument", text);
    await expectRefusal(set("", 1), "invalid_argument", "everything is an object");
    await expectRefusal(config.set({ space, steps: [] }, OWNER), "invalid_argument", "it has no steps");
    await expectRefusal(config.set({ space, scope: "No", steps: [] }, OWNER), "invalid_argument", "it is no name");
    for (let n = 1; n < CONFIG_SCOPES_MAX; n++)
      await config.set({ space, scope: `s${n}`, steps: [{ path: "a", value: n }] }, OWNER);
    const more = config.set({ space, scope: "more", steps: [{ path: "a", value: 1 }] }, OWNER);
    await expectRefusal(more, exhausted, `${CONFIG_SCOPES_MAX} already`);
  });
}
