import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { BROADCAST_KIND } from "@orrery/registry";
import { openTestRegistry } from "@orrery/registry/conformance";
import { APP_KIND } from "../apps/app-kind.ts";
import { MECHTRON_KIND } from "../mechtrons/mechtron-kind.ts";
import { createSpaces, type SpaceRequest, type Spaces } from "./spaces.ts";

const OPERATOR = { agent: "operator" };
const ANN = "ann";
const APP = "demo.test:greeter";

async function refusalOf(doing: Promise<unknown>) {
  const error = await doing.then(
    (value) => assert.fail(`it was not refused: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!isOrreryError(error)) throw error;
  return { code: error.code, message: error.message, details: error.details };
}

describe("createSpaces", () => {
  let registry: Awaited<ReturnType<typeof openTestRegistry>>;
  let spaces: Spaces;
  before(async () => {
    registry = await openTestRegistry({ kinds: [APP_KIND, BROADCAST_KIND, MECHTRON_KIND] });
    spaces = createSpaces({ registry });
    await registry.create({ address: "demo.test", kind: "Space", owner: ANN }, OPERATOR);
    await registry.create({ address: "other.test", kind: "Space" }, OPERATOR);
  });
  const wish = (rest: Partial<SpaceRequest> = {}): SpaceRequest => {
    return { space: "demo.test", service: "store", part: ["main", "orders"], verb: "read", ...rest };
  };
  const grant = (name: string, properties: Record<string, string>) =>
    registry.create({ address: name, kind: "Grant", properties }, OPERATOR);

  it("lets owners of the Space and operators in, and gives the Space with its number", async () => {
    const { created } = await registry.get("demo.test", OPERATOR);
    const place = { space: "demo.test", id: created, address: "demo.test:[store]:main:orders" };
    for (const agent of [ANN, "operator"]) assert.deepEqual(await spaces.enter(wish(), { agent }), place);
  });

  it("lets in whom a grant on the service, or on a part of it, lets in; and nowhere else", async () => {
    const bob = { agent: "bob" };
    assert.equal(await spaces.may(wish(), bob), false);
    await grant("demo.test:bob-reads", { to: "bob", verbs: "r", on: "demo.test:[store]:main:orders" });
    assert.equal(await spaces.may(wish(), bob), true);
    for (const other of [
      wish({ verb: "write" }),
      wish({ part: ["main"] }),
      wish({ part: ["main", "others"] }),
      wish({ part: [] }),
      wish({ service: "config" }),
      wish({ space: "other.test" }),
    ])
      assert.equal(await spaces.may(other, bob), false, JSON.stringify(other));
    await grant("demo.test:bob-writes", { to: "bob", verbs: "w", on: "demo.test:[store]:**" });
    assert.equal(await spaces.may(wish({ verb: "write", part: ["main", "others"] }), bob), true);
  });

  it("tells whoever may not the same, whether the Space is there or not", async () => {
    const bob = { agent: "bob" };
    const there = await refusalOf(spaces.enter(wish({ space: "other.test" }), bob));
    const missing = await refusalOf(spaces.enter(wish({ space: "never.test" }), bob));
    assert.equal(there.code, "permission_denied");
    assert.equal(JSON.stringify(missing).replaceAll("never.test", "other.test"), JSON.stringify(there));
    const { code } = await refusalOf(spaces.enter(wish({ space: "never.test" }), OPERATOR));
    assert.equal(code, "not_found");
  });

  it("takes the Space that the caller's address is in where none is named, and asks one who is in none to name it", async () => {
    await grant("demo.test:app-reads", { to: APP, verbs: "r", on: "demo.test:[store]:**" });
    assert.equal((await spaces.enter(wish({ space: "" }), { agent: APP })).space, "demo.test");
    const { code, message } = await refusalOf(spaces.enter(wish({ space: "" }), { agent: "bob" }));
    assert.deepEqual([code, message.includes("name one, such as demo.test")], ["invalid_argument", true]);
  });

  for (const [what, bad] of Object.entries({
    "a resource in a Space": { space: "demo.test:files" },
    "a path": { space: "demo.test:/x" },
    "another network": { space: "hub.test::demo.test" },
    "two segments as one name": { part: ["main:orders"] },
    "a name in brackets": { part: ["[config]"] },
    "an empty name": { part: [""] },
    "a name of 64 characters": { part: ["a".repeat(64)] },
    "a pattern": { part: ["**"] },
  }))
    it(`refuses ${what}`, async () => {
      assert.equal((await refusalOf(spaces.enter(wish(bad), OPERATOR))).code, "invalid_argument");
    });

  it("asks for rights on addresses at which nobody can make anything, so that nobody comes to own them", async () => {
    const address = "demo.test:[store]";
    const own = new Set(["root", "Space"]);
    for (const { name, data } of registry.kinds()) {
      if (!data.parents.some((parent) => own.has(parent))) continue;
      const { code } = await refusalOf(registry.create({ address, kind: name }, { agent: ANN }));
      assert.equal(code, "invalid_argument", `${name}: ${data.segments}`);
    }
  });

  it("gives a Space that is made anew under the same name another number", async () => {
    const first = await spaces.enter(wish(), OPERATOR);
    await registry.remove({ address: "demo.test", recursive: true }, OPERATOR);
    await registry.create({ address: "demo.test", kind: "Space", owner: ANN }, OPERATOR);
    const second = await spaces.enter(wish(), { agent: ANN });
    assert.ok(second.id > first.id);
  });
});
