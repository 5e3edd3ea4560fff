import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Code, OrreryError } from "@orrery/core";
import { openTestRegistry } from "../conformance/test-registry.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import type { PropertyCheck } from "./property-check.ts";

const OPERATOR = { agent: "operator" };
const ANN = { agent: "ann" };

/** A title must be the address of something that whoever sets it may read. */
const title: PropertyCheck = async ({ address, property, value, get }) => {
  const { kind } = await get(String(value));
  if (kind !== "Space")
    throw new OrreryError("invalid_argument", `Cannot set ${property} of ${address}: it is a ${kind}`);
};

describe("checks of properties", () => {
  it("run before a value is written, and in the name of whoever writes it", async () => {
    await using registry = await openTestRegistry({ checks: { title } });
    await registry.create({ address: "a.test", kind: "Space", properties: { bind: "unchecked" } }, OPERATOR);
    await registry.create({ address: "a.test:base", kind: "Base", properties: { title: "a.test" } }, OPERATOR);
    const set = (value: string | undefined, by = OPERATOR) =>
      registry.change({ address: "a.test", properties: { title: value } }, by);
    await set("a.test");
    await expectRefusal(set("a.test:base"), "invalid_argument", "Cannot set title of a.test: it is a Base");
    await expectRefusal(set("none.test"), "not_found", "there is no such resource");
    await expectRefusal(
      registry.create({ address: "b.test", kind: "Space", properties: { title: "a.test:base" } }, OPERATOR),
      "invalid_argument",
      "it is a Base",
    );
    assert.equal((await registry.get("a.test", OPERATOR)).properties["title"], "a.test");
    await expectRefusal(registry.get("b.test", OPERATOR), "not_found", "b.test");
    await registry.create({ address: "ann.test", kind: "Space", owner: "ann" }, OPERATOR);
    const taken = registry.change({ address: "ann.test", properties: { title: "a.test" } }, ANN);
    await expectRefusal(taken, "permission_denied", 'Cannot read "a.test" as "ann"');
    await set(undefined);
    assert.equal((await registry.get("a.test", OPERATOR)).properties["title"], undefined);
  });

  it("run for each of several writes as one, over those before it", async () => {
    await using registry = await openTestRegistry({ checks: { title } });
    const base = (address: string, of: string) => ({
      create: { address, kind: "Base", properties: { title: of } },
    });
    const space = { create: { address: "a.test", kind: "Space", owner: "ann" } };
    const change = (of: string) => ({ change: { address: "a.test", properties: { title: of } } });
    const named = { ...OPERATOR, requestId: "r1" };
    const steps = [space, base("a.test:b", "a.test"), change("a.test")];
    const first = await registry.apply(steps, named);
    assert.deepEqual(await registry.apply(steps, named), { ...first, changed: false }, "the same request again");
    const refused: readonly [steps: Parameters<typeof registry.apply>[0], code: Code, text: string][] = [
      [
        [base("a.test:c", "a.test"), change("a.test:c")],
        "invalid_argument",
        "Cannot set title of a.test: it is a Base",
      ],
      [[base("a.test:c", "none.test")], "not_found", "there is no such resource"],
      [[{ remove: { address: "a.test", recursive: true } }, base("b.test", "a.test")], "not_found", '"a.test"'],
      [[base("a.test:b", "a.test"), change("a.test:b")], "invalid_argument", "it is a Base"],
      [[base("a.test:b", "a.test"), change("a.test")], "already_exists", "a.test:b"],
    ];
    for (const [some, code, text] of refused) await expectRefusal(registry.apply(some, OPERATOR), code, text);
    await registry.create({ address: "secret.test", kind: "Space" }, OPERATOR);
    await expectRefusal(registry.apply([change("secret.test")], ANN), "permission_denied", 'Cannot read "secret.test"');
    assert.equal(registry.revision(), first.revision + 1);
  });
});
