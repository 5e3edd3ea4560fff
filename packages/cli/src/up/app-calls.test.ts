import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createMeshNode } from "@orrery/mesh";
import { shop } from "../testing/apps/shop.ts";
import { type TypeOptions, type } from "../testing/memory-terminal.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** A component of the test's contract of protobuf, as a node tells it. */
const SHOP = (descriptors: string) => `
import { defineComponent } from "@orrery/core";
import { serviceFromDescription } from "@orrery/core/internal";
const descriptors = Buffer.from("${descriptors}", "base64");
const Shop = await serviceFromDescription({ name: "test.v1.ShopService", descriptors, methods: [] } as never);
export default defineComponent(Shop, (() => ({
  placeOrder: (order: object) => order,
  async *watchStock({ count }: { count: number }) {
    for (let left = count; left > 0; left--) yield { left };
  },
  noteVisit: () => undefined,
  tellAll: () => undefined,
})) as never, { version: "2.1.0" });
`;
const GREETER = `
import { defineComponent, defineService, json, OrreryError } from "@orrery/core";
const Greeter = defineService("test.greeter", {
  greet: { request: json<{ name?: string }>(), reply: json<object>(), summary: "Greets somebody" },
  fail: { request: json<object>(), reply: json<object>() },
  hang: { request: json<object>(), reply: json<object>() },
  count: { mode: "stream", request: json<{ upto: number }>(), reply: json<{ n: number }>() },
  note: { mode: "async", request: json<object>() },
  seen: { request: json<object>(), reply: json<object>() },
});
const seen: object[] = [];
export default defineComponent(Greeter, () => ({
  greet: ({ name = "you" }, { agent }) => ({ text: \`Hello, \${name}!\`, to: agent }),
  fail: () => { throw new OrreryError("not_found", 'Cannot greet "nobody": there is no such person'); },
  hang: async (_request, { clock, signal }) => { await clock.sleep(60_000, signal); return {}; },
  async *count({ upto }) { for (let n = 1; n <= upto; n++) yield { n }; },
  note: (said, { idempotencyKey }: { idempotencyKey?: string }) => void seen.push({ said, key: idempotencyKey ?? "" }),
  seen: () => ({ seen }),
}));
`;
const ANN = "demo.test:users:ann";
const PASSWORD = "clockwork of the planets";

const cwd = mkdtempSync(join(tmpdir(), "orrery-calls-"));
let up: TestUp;
before(async () => {
  up = await openTestUp({ cwd });
  mkdirSync(join(cwd, "src"));
  writeFileSync(join(cwd, "src/shop.ts"), SHOP(await described()));
  writeFileSync(join(cwd, "src/greeter.ts"), GREETER);
  writeFileSync(join(cwd, "src/orrery.yaml"), "components: { shop: shop.ts, greeter: greeter.ts }\n");
  await up.done("create 'demo.test<Space>'");
  for (const name of ["ann", "bob"]) {
    await up.done(`user add demo.test:users:${name} --password-file=-`, { input: `${PASSWORD}\n` });
    await up.done(`env add ${name} ${up.http} --space=demo.test`);
    await up.done(`login demo.test:users:${name} --env=${name} --password-file=-`, { input: `${PASSWORD}\n` });
  }
  await up.done(`auth grant execute on demo.test:shop to ${ANN}`);
  await up.done("run src --name=shop --space=demo.test --no-check --wait");
});
after(async () => {
  await up?.[Symbol.asyncDispose]();
  rmSync(cwd, { recursive: true, force: true });
});

/** The descriptors of the shop, as its own node tells them. */
async function described(): Promise<string> {
  const node = await createMeshNode({ name: "shop", components: [shop], listen: ["tcp://127.0.0.1:0"] });
  await node.start();
  try {
    const { components: told } = await node.describe(node.addresses[0] ?? "");
    return Buffer.from(told[0]?.descriptors ?? []).toString("base64");
  } finally {
    await node.stop();
  }
}

/** Types a line as somebody who is logged in by HTTP, in a folder in which nothing runs. */
const as = (name: string, words: readonly string[], options: TypeOptions = {}) =>
  type(words, { ...options, env: { HOME: cwd, ORRERY_ENV: name }, cwd: "/" });

/** What was typed behind `shop PlaceOrder`, and what is said of the order besides nothing. */
const ORDERS: readonly (readonly [readonly string[], object, string?])[] = [
  [["--customer_name=Ada", "--urgent"], { customerName: "Ada", urgent: true }],
  [["--customerName", "Ada", "--cabin=economy"], { customerName: "Ada", cabin: "CABIN_ECONOMY" }],
  [["--total=9007199254740993"], { total: "9007199254740993" }],
  [['{"total":9007199254740993}'], { total: "9007199254740993" }],
  [["-", "--urgent"], { customerName: "Bo", urgent: true }, '{"customer_name":"Bo"}'],
  [
    ["--lines.0.sku=x", "--lines.0.count=2", "--lines.1.sku=y"],
    {
      lines: [
        { sku: "x", count: 2 },
        { sku: "y", count: 0 },
      ],
    },
  ],
  [["--labels.a=b=c", "--labels.d=e"], { labels: { a: "b=c", d: "e" } }],
  [["--at=2026-01-31T12:00:00Z", "--", "--timeout=5s"], { at: "2026-01-31T12:00:00Z", timeout: "5s" }],
];
const NO_ORDER = {
  customerName: "",
  total: "0",
  urgent: false,
  lines: [],
  labels: {},
  cabin: "CABIN_UNSPECIFIED",
  timeout: "",
};

describe("a service of an app, by HTTP", () => {
  for (const [words, wanted, input = ""] of ORDERS)
    it(`takes ${words.join(" ")}`, async () => {
      const { out, err } = await as("ann", ["shop", "PlaceOrder", "--output=json", ...words], { input });
      assert.deepEqual([JSON.parse(out || "{}"), err], [{ ...NO_ORDER, ...wanted }, ""]);
    });

  it("is listed with its app, as the platform's own are, to whoever may execute it", async () => {
    const rows = (await as("ann", ["services"])).out.split("\n").map((row) => row.split(/ {2,}/));
    assert.deepEqual(rows.slice(0, 3), [
      ["SERVICE", "VERSION", "INSTANCES", "METHODS", "WHERE"],
      ["test.v1.ShopService", "2.1.0", "1 ready", "PlaceOrder WatchStock NoteVisit TellAll", "demo.test:shop"],
      ["test.greeter", "0.0.0", "1 ready", "greet fail hang count note seen", "demo.test:shop"],
    ]);
    assert.match((await as("ann", ["services"])).out, /^orrery.store.v1.StoreService +Get Set .* the platform$/m);
    assert.doesNotMatch((await as("bob", ["services"])).out, /greeter|shop/i);
    assert.match((await as("ann", ["describe", "shop"])).out, /^test.v1.ShopService 2.1.0, contract of protobuf\n/);
  });

  it("has help that lists its methods, and for each its own flags", async () => {
    const methods = await as("ann", ["shop", "--help"]);
    for (const name of ["PlaceOrder", "WatchStock", "NoteVisit", "TellAll"])
      assert.match(methods.out, new RegExp(`^ +${name} `, "m"));
    const flags = async (method: string) =>
      [...(await as("ann", ["shop", method, "--help"])).out.matchAll(/^ +--([\w.]+)/gm)].map(([, flag]) => flag);
    const order = "customerName total urgent lines lines.N.sku lines.N.count labels.KEY cabin at timeout";
    assert.deepEqual(await flags("PlaceOrder"), order.split(" "));
    assert.deepEqual(await flags("WatchStock"), ["count"]);
    assert.deepEqual(await flags("NoteVisit"), ["who"]);
  });

  it("is told who calls, streams, and takes messages that nobody waits for, once by a key", async () => {
    assert.deepEqual(JSON.parse((await as("ann", ["greeter", "greet", "--name=World"])).out), {
      text: "Hello, World!",
      to: ANN,
    });
    assert.equal(
      (await as("ann", ["greeter", "count", "--upto=5"])).out,
      '{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n{"n":5}\n',
    );
    assert.equal((await as("ann", ["shop", "WatchStock", "--count=2"])).out, '{"left":2}\n{"left":1}\n');
    assert.equal((await as("ann", ["greeter", "note", "--text=hi", "--idempotency-key=k1"])).out, "accepted\n");
    assert.equal((await as("ann", ["shop", "TellAll", "--text=hi"])).out, "sent\n");
    const { out } = await as("ann", ["greeter", "seen", "--output=json"]);
    assert.equal(out, '{"seen":[{"said":{"text":"hi"},"key":"k1"}]}\n');
  });

  it("fails with its exit code, and says in which environment and space, and as whom", async () => {
    const where = `(environment ann at ${up.http} as ${ANN}, space demo.test)`;
    const failed = await as("ann", ["greeter", "fail"]);
    assert.deepEqual([failed.exit, failed.err], [4, `Cannot greet "nobody"\n  there is no such person ${where}\n`]);
    const late = await as("ann", ["greeter", "hang", "--timeout=50ms"]);
    assert.equal(late.exit, 5, late.err);
    assert.ok(late.err.includes(where), late.err);
    const typo = await as("ann", ["call", "greter", "greet"]);
    assert.deepEqual([typo.exit, typo.err.includes(`did you mean "test.greeter"? ${where}`)], [4, true], typo.err);
    const version = await as("ann", ["greeter", "greet", "--version=9.0.0"]);
    assert.deepEqual([version.exit, version.err.includes("its versions are 0.0.0")], [4, true], version.err);
  });

  it("is no more there for an outsider than one that is not, also where he asks for it by name", async () => {
    const told = async (service: string) => (await as("bob", ["call", service, "greet"])).err.replaceAll(service, "X");
    assert.equal(await told("greeter"), await told("nothing"));
    for (const method of ["call", "stream"]) {
      const { exit, err } = await as("bob", ["CallsService", method, '{"address":"demo.test:shop"}']);
      const none = await as("bob", ["CallsService", method, '{"address":"demo.test:none"}']);
      assert.deepEqual([exit, err.replaceAll(":shop", ":none")], [3, none.err]);
    }
    await up.done("auth grant execute on demo.test:shop to demo.test:users:bob");
    assert.equal((await as("bob", ["greeter", "greet"])).exit, 0);
    await up.done("auth revoke execute on demo.test:shop to demo.test:users:bob");
    assert.equal((await as("bob", ["greeter", "greet"])).exit, 4);
  });

  it("is called on the platform's machine too, and a service of the platform in the space that is meant", async () => {
    const { out } = await up.orrery("greeter greet --space=demo.test", { cwd: "/" });
    assert.deepEqual(JSON.parse(out), { text: "Hello, you!", to: "operator" });
    await up.done(`auth grant rw on 'demo.test:[store]:**' to ${ANN}`);
    assert.equal((await as("ann", ["StoreService", "Set", "--key=a", "--value=dg=="])).exit, 0);
    const { entry } = JSON.parse((await as("ann", ["StoreService", "Get", "--key=a"])).out) as {
      entry: { value: string };
    };
    assert.equal(entry.value, "dg==");
  });
});

describe("orrery send, by HTTP", () => {
  it("has the platform pass a message on, to whoever may be sent one", async () => {
    const { out, exit } = await as("ann", ["send", "demo.test:shop", "test.greeter/greet", '{"name":"Ada"}']);
    assert.deepEqual([exit, JSON.parse(out)], [0, { text: "Hello, Ada!", to: ANN }]);
    const refused = await as("bob", ["send", "demo.test:shop", "test.greeter/greet", "{}"]);
    assert.equal(refused.exit, 3);
    assert.match(refused.err, /no rule lets demo.test:users:bob execute demo.test:shop/);
    await up.done(`auth grant execute on demo.test:users to ${ANN}`);
    const other = await as("ann", ["send", "demo.test:users", "ring"]);
    assert.match(other.err, /its kind UserBase has no component that takes messages/);
  });
});
