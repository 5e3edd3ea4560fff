import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type TypeOptions, type } from "../testing/memory-terminal.ts";

const scratch = mkdtempSync(join(tmpdir(), "orrery-call-"));
after(() => rmSync(scratch, { recursive: true }));
writeFileSync(join(scratch, "order.json"), '{"customerName":"Ada"}');

/** Types a call of the two components that these tests have. */
function call(line: string | readonly string[], options: TypeOptions = {}) {
  const words = typeof line === "string" ? line.split(" ") : line;
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  return type([...words.slice(0, end), "--with=greeter.ts", "--with=shop.ts", ...words.slice(end)], options);
}

/** What is printed of an order in which nothing is said. */
const EMPTY = {
  customerName: "",
  total: "0",
  urgent: false,
  lines: [],
  labels: {},
  cabin: "CABIN_UNSPECIFIED",
  timeout: "",
};

/** What was typed, and what is printed that differs from that. */
const PRINTED: readonly (readonly [readonly string[], object, TypeOptions?])[] = [
  [["shop", "place-order", "--customer_name=Ada"], { customerName: "Ada" }],
  [["test.v1.ShopService", "PlaceOrder", "--customerName", "Ada"], { customerName: "Ada" }],
  [["ShopService", "placeOrder", "--total=9007199254740993"], { total: "9007199254740993" }],
  [["SHOP", "PLACE_ORDER", "--urgent", "--cabin=economy"], { urgent: true, cabin: "CABIN_ECONOMY" }],
  [["call", "shop", "PlaceOrder", '{"total":9007199254740993}'], { total: "9007199254740993" }],
  [["shop", "PlaceOrder", '{"total":1,"urgent":true}', "--total=2"], { total: "2", urgent: true }],
  [["shop", "PlaceOrder", "-", "--urgent"], { customerName: "Bo", urgent: true }, { input: '{"customer_name":"Bo"}' }],
  [["shop", "PlaceOrder", `@${join(scratch, "order.json")}`], { customerName: "Ada" }],
  [["shop", "PlaceOrder", "--lines.0.sku=x", "--lines.0.count=2"], { lines: [{ sku: "x", count: 2 }] }],
  [["shop", "PlaceOrder", "--labels.a=b=c"], { labels: { a: "b=c" } }],
  [["shop", "PlaceOrder", "--at=2026-01-31T12:00:00Z"], { at: "2026-01-31T12:00:00Z" }],
  [["shop", "PlaceOrder", "--timeout=5s"], {}],
  [["shop", "PlaceOrder", "--output=json", "--", "--timeout=5s"], { timeout: "5s" }],
];

describe("orrery call", () => {
  for (const [words, reply, options] of PRINTED) {
    it(`prints the reply to ${words.join(" ").replace(scratch, "")}`, async () => {
      const typed = await call(words, options);
      assert.equal(typed.err, "");
      assert.deepEqual(JSON.parse(typed.out), { ...EMPTY, ...reply });
      assert.equal(typed.exit, 0);
    });
  }

  it("prints JSON with indents for people, on one line for programs, and as it is for raw", async () => {
    assert.equal(
      (await call("shop PlaceOrder --urgent")).out,
      `${JSON.stringify({ ...EMPTY, urgent: true }, null, 2)}\n`,
    );
    assert.equal(
      (await call("shop PlaceOrder --urgent --output json")).out,
      `${JSON.stringify({ ...EMPTY, urgent: true })}\n`,
    );
    assert.equal((await call("shop PlaceOrder --urgent --output raw")).out, "\u0018\u0001");
    assert.equal((await call("greeter raw hello --output=raw")).out, "hello");
    assert.equal((await call("greeter raw hello")).out, "hello\n");
    assert.equal((await call("greeter raw hello --output=json")).out, '"aGVsbG8="\n');
    assert.equal((await call("greeter raw -", { input: "from stdin" })).out, "from stdin\n");
  });

  it("prints one item of a stream a line", async () => {
    const { out, exit } = await call("shop WatchStock --count=3");
    assert.equal(out, '{"left":3}\n{"left":2}\n{"left":1}\n');
    assert.equal(exit, 0);
  });

  it("ends a stream when somebody asks, and when nobody reads any more", async () => {
    let interrupt = () => {};
    const onListening = (listener: () => void) => {
      interrupt = listener;
    };
    const ending = call("greeter tick", { onListening });
    setTimeout(() => interrupt(), 300);
    const { out, exit, err } = await ending;
    assert.equal(exit, 0);
    assert.equal(err, "");
    assert.match(out, /^{"n":1}\n/);
    assert.equal((await call("greeter tick", { linesMax: 2 })).exit, 0);
  });

  it("says that a message without reply was accepted or sent", async () => {
    assert.equal((await call("shop NoteVisit --who=Ada")).out, "accepted\n");
    assert.equal((await call("shop NoteVisit --who=Ada --output=json")).out, '{"accepted":true}\n');
    assert.equal((await call("shop TellAll --text=hi")).out, "sent\n");
  });

  it("passes version and time on", async () => {
    assert.equal((await call("shop PlaceOrder --version=2.1.0")).exit, 0);
    const { exit, err } = await call("shop PlaceOrder --version=3.0.0");
    assert.equal(exit, 4);
    assert.match(err, /only version 2\.1\.0 is here/);
    const hung = await call("greeter hang --timeout=50ms");
    assert.equal(hung.exit, 5);
    assert.match(hung.err, /^Cannot finish "test\.greeter\.hang"\n/);
  });
});

const CODES: readonly (readonly [string, number])[] = [
  ["permission_denied", 3],
  ["unauthenticated", 3],
  ["not_found", 4],
  ["unavailable", 4],
  ["unimplemented", 4],
  ["deadline_exceeded", 5],
  ["invalid_argument", 1],
  ["internal", 1],
  ["resource_exhausted", 1],
];

/** What was typed, the exit code, and the beginning of what is said. */
const REFUSED: readonly (readonly [string, number, string])[] = [
  ["greeter greet --name=Ada --nmae=x", 2, 'Cannot read flag "--nmae" of test.greeter.greet\n'],
  ["greeter greet", 2, "Cannot accept the body\n  body.name: "],
  ["greeter greet World", 2, 'Cannot read "World"\n  it is no JSON and no flag, write fields as --name=value, '],
  ["greeter greet {", 2, "Cannot read the JSON of test.greeter.greet\n"],
  ["greeter greet @nowhere.json", 2, 'Cannot read "nowhere.json"\n  there is no such file\n'],
  ["greeter greet --timeout=5", 2, 'Cannot read flag --timeout\n  "5" is no time from 1ms to 24h, '],
  ["greeter greet --timeout=25h", 2, 'Cannot read flag --timeout\n  "25h" is no time from 1ms to 24h, '],
  [
    "greeter gret",
    4,
    'Cannot find method "gret" of "test.greeter"\n  did you mean "greet"?\nTry: orrery test.greeter --help\n',
  ],
  ["greeter", 2, 'Cannot call "test.greeter"\n  no method is named, its methods are greet, count, '],
  [
    "greter greet",
    4,
    'Cannot run "greter"\n  there is no such command, did you mean "test.greeter"?\nTry: orrery services\n',
  ],
  ["call greter greet", 4, 'Cannot find service "greter"\n  did you mean "test.greeter"?\nTry: orrery services\n'],
  ["shop PlaceOrder --cabin=first", 2, 'Cannot read flag "--cabin" of test.v1.ShopService.PlaceOrder\n'],
];

describe("orrery call", () => {
  for (const [code, exit] of CODES) {
    it(`ends with ${exit} for ${code}`, async () => {
      const typed = await call(`greeter fail --code=${code}`);
      assert.equal(typed.exit, exit);
      assert.equal(typed.err, `Cannot do it\n  the test said ${code}\n`);
    });
  }

  for (const [line, exit, text] of REFUSED) {
    it(`refuses "${line}"`, async () => {
      const typed = await call(line);
      assert.equal(typed.err.slice(0, text.length), text);
      assert.equal(typed.exit, exit);
      assert.ok(typed.err.trimEnd().split("\n").length <= 3, typed.err);
    });
  }

  it("tells a program everything about an error", async () => {
    const { err } = await call("greeter fail --code=not_found --output=json");
    assert.deepEqual(JSON.parse(err), {
      error: {
        message: "Cannot do it: the test said not_found",
        exit: 4,
        code: "not_found",
        kind: "error",
        reason: "",
        definite: true,
        details: {},
      },
    });
  });
});

describe("orrery SERVICE --help", () => {
  it("lists the methods", async () => {
    const { out, exit } = await call("greeter --help");
    assert.equal(exit, 0);
    assert.match(out, /^test\.greeter\n/);
    assert.match(out, /^ {2}greet +sync +Greets somebody$/m);
    assert.match(out, /^ {2}tick +stream$/m);
  });

  it("lists the flags of a method", async () => {
    const { out } = await call("call shop PlaceOrder --help");
    assert.match(out, /^test\.v1\.ShopService\.PlaceOrder, sync\n\nGives the order back\n/);
    for (const flag of ["--customer", "--total", "--lines", "--labels", "--cabin"]) assert.ok(out.includes(flag), flag);
    assert.match(out, /^ {2}--timeout=string +write it behind --$/m);
  });

  it("lists what a schema tells", async () => {
    const { out } = await call("greeter greet -h");
    assert.match(out, /^ {2}--name=string +.*Who is greeted/m);
  });
});

describe("orrery services", () => {
  it("prints the same as components", async () => {
    const services = await call("services");
    assert.deepEqual(await call("components"), services);
    assert.match(services.out, /^SERVICE +VERSION +INSTANCES +METHODS +WHERE\n/);
    assert.match(
      services.out,
      /^test\.v1\.ShopService +2\.1\.0 +1 ready +PlaceOrder WatchStock NoteVisit TellAll +here$/m,
    );
  });

  it("prints JSON", async () => {
    const services = JSON.parse((await call("services --output=json")).out) as readonly { name: string }[];
    assert.deepEqual(
      services.map(({ name }) => name),
      ["test.greeter", "test.v1.ShopService"],
    );
  });
});

describe("orrery describe", () => {
  it("prints the options of the contract", async () => {
    const { out } = await call("describe shop");
    assert.match(out, /^test\.v1\.ShopService 2\.1\.0, contract of protobuf\n/);
    assert.match(out, /^PlaceOrder +sync +idempotent timeout=4000ms +[0-9a-f]{16} +Gives the order back$/m);
    assert.match(out, /^WatchStock +stream +horizon=host +[0-9a-f]{16}$/m);
    assert.match(out, /^test\.v1\.ShopService\.0-\w+ +ready +start 1 +0 waiting$/m);
  });

  it("colours a state on a screen only, and not where that is not wanted", async () => {
    assert.ok((await call("describe shop", { isScreen: true })).out.includes("\u001b[32mready"));
    const plain = await call("describe shop", { isScreen: true, env: { NO_COLOR: "1" } });
    assert.ok(!plain.out.includes("\u001b"));
  });
});
