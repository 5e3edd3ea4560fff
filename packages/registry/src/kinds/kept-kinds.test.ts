import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEmptyDatabase, openTestRegistry } from "../conformance/test-registry.ts";
import { createSecretBox, createSecretKey } from "../system-secret-box.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { OPERATOR } from "../testing/registry-case.ts";
import { keepKinds, readKeptKinds } from "./kept-kinds.ts";
import type { Kind } from "./kind.ts";

const SHELF: Kind = { name: "Shelf", summary: "Holds lamps", parents: ["Space"], segments: ["name"] };

const LAMP = {
  summary: "Shines",
  parents: ["Space", "Shelf"],
  driver: "lamps",
  properties: {
    bulb: { schema: { type: "string" } },
    word: { schema: { type: "string" }, secret: true },
  },
};

const fileOf = (kinds: Readonly<Record<string, object>>) => ({
  name: "lamps.yaml",
  content: JSON.stringify({ kinds }),
});

/** A database whose registry keeps the kind of lamps, and has one. */
async function openWithLamp() {
  const database = await openEmptyDatabase();
  const secrets = createSecretBox([createSecretKey()]);
  const options = { database, secrets, kinds: [SHELF] };
  await keepKinds(fileOf({ Lamp: LAMP }), options);
  const registry = await openTestRegistry(options);
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  const properties = { bulb: "plain", word: "hush" };
  await registry.create({ address: "demo.test:lamp", kind: "Lamp", properties }, OPERATOR);
  await registry[Symbol.asyncDispose]();
  return options;
}

describe("keepKinds", () => {
  it("has every registry over the database know them, whoever opens it", async () => {
    const { database, kinds, secrets } = await openWithLamp();
    await using registry = await openTestRegistry({ database, kinds, secrets });
    const lamp = registry.kinds().find(({ name }) => name === "Lamp");
    assert.deepEqual([lamp?.data.driver, lamp?.data.parents], ["lamps", ["Space", "Shelf"]]);
    const kept = await readKeptKinds({ database, kinds });
    assert.deepEqual([kept?.file, kept?.kinds.map(({ name }) => name)], ["lamps.yaml", ["Lamp"]]);
    const word = { address: "demo.test:lamp", property: "word" };
    assert.equal(await registry.reveal(word, OPERATOR), "hush");
    assert.equal((await registry.get("demo.test:lamp", OPERATOR)).status.state, "Creating");
  });

  it("keeps none as long as there is no file", async () => {
    await using registry = await openTestRegistry();
    assert.equal(await readKeptKinds({ database: registry.database }), undefined);
  });

  const bulb = LAMP.properties.bulb;
  const word = LAMP.properties.word;
  const REFUSED: Readonly<Record<string, readonly [kinds: Readonly<Record<string, object>>, says: string]>> = {
    "that a resource has is left out": [
      {},
      'Cannot take the kinds of "lamps.yaml": "Lamp" would be no kind any more, and demo.test:lamp is one, remove what has it first',
    ],
    "may lie elsewhere alone": [{ Lamp: { ...LAMP, parents: ["Shelf"] } }, "it lies in a Space"],
    "has another form of names": [
      { Lamp: { ...LAMP, segments: ["version"] } },
      "its own part of the address is a name",
    ],
    "has lost a property": [
      { Lamp: { ...LAMP, properties: { word } } },
      '"demo.test:lamp" would not fit kind "Lamp", it has "bulb", which would be no property of it, change or remove it first',
    ],
    "has a property of another type": [
      { Lamp: { ...LAMP, properties: { word, bulb: { schema: { type: "number" } } } } },
      'its "bulb" is "plain", it must be number',
    ],
    "requires another property": [
      { Lamp: { ...LAMP, properties: { word, bulb, hue: { schema: {}, required: true } } } },
      'it has no "hue", which would be required',
    ],
    "shows what was a secret": [
      { Lamp: { ...LAMP, properties: { bulb, word: { schema: { type: "string" } } } } },
      'its "word" is kept as a secret',
    ],
    "hides what was open": [
      { Lamp: { ...LAMP, properties: { word, bulb: { ...bulb, secret: true } } } },
      'its "bulb" is kept open',
    ],
    "has another driver": [{ Lamp: { ...LAMP, driver: "others" } }, 'it waits for its driver "lamps" before it goes'],
  };
  it("refuses files that what is there does not fit, and keeps the one before", async (test) => {
    const options = await openWithLamp();
    const refuses = (what: string, kinds: Readonly<Record<string, object>>, says: string) =>
      test.test(`where a kind ${what}`, async () => {
        await expectRefusal(keepKinds(fileOf(kinds), options), "failed_precondition", says);
        const kept = await readKeptKinds(options);
        assert.deepEqual(kept?.kinds[0]?.properties?.["bulb"], { summary: "bulb", ...bulb });
      });
    for (const [what, [kinds, says]] of Object.entries(REFUSED)) await refuses(what, kinds, says);
    const registry = await openTestRegistry(options);
    await registry.change({ address: "demo.test:lamp", status: { state: "Panic" } }, OPERATOR);
    await registry[Symbol.asyncDispose]();
    const life = { Creating: ["Ready"], Ready: ["Destroying"], Destroying: ["Destroyed"], Destroyed: [] };
    await refuses("lacks a state", { Lamp: { ...LAMP, life } }, "it is Panic, which would be no state of it");
  });

  it("takes what every resource fits, and leaves a kind out that none has", async () => {
    const options = await openWithLamp();
    const wider = { ...LAMP, properties: { ...LAMP.properties, hue: { schema: { type: "number" }, default: 1 } } };
    await keepKinds(fileOf({ Lamp: wider, Cable: { summary: "Leads", parents: ["Lamp"] } }), options);
    const registry = await openTestRegistry(options);
    await registry.create({ address: "demo.test:lamp:cable", kind: "Cable" }, OPERATOR);
    await registry.change({ address: "demo.test:lamp", properties: { hue: 2 } }, OPERATOR);
    await registry.remove({ address: "demo.test:lamp:cable" }, OPERATOR);
    await registry.remove({ address: "demo.test:lamp" }, OPERATOR);
    await registry.change({ address: "demo.test:lamp", finalizers: { done: ["lamps"] } }, OPERATOR);
    await registry[Symbol.asyncDispose]();
    await keepKinds({ name: "none.yaml", content: "" }, options);
    assert.deepEqual(await readKeptKinds(options), { file: "none.yaml", kinds: [] });
  });

  it("looks at more resources than one page has", async () => {
    const options = await openWithLamp();
    const registry = await openTestRegistry(options);
    await registry.create({ address: "demo.test:shelf", kind: "Shelf" }, OPERATOR);
    const lamps = Array.from({ length: 1_001 }, (_, n) => `demo.test:shelf:lamp-${n}`);
    await Promise.all(lamps.map((address) => registry.create({ address, kind: "Lamp" }, OPERATOR)));
    const last = lamps.toSorted().at(-1) ?? "";
    await registry.change({ address: last, properties: { bulb: "odd" } }, OPERATOR);
    await registry.change({ address: "demo.test:lamp", properties: { bulb: undefined } }, OPERATOR);
    await registry[Symbol.asyncDispose]();
    const kinds = { Lamp: { ...LAMP, properties: { ...LAMP.properties, bulb: { schema: { type: "number" } } } } };
    const says = `"${last}" would not fit kind "Lamp", its "bulb" is "odd"`;
    await expectRefusal(keepKinds(fileOf(kinds), options), "failed_precondition", says);
  });
});
