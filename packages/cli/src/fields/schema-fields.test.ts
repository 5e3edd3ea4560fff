import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, defineService, type JsonValue, json, OrreryError } from "@orrery/core";
import { contractOf, type MethodContract } from "@orrery/core/internal";
import fc from "fast-check";
import { z } from "zod";
import { type JsonSchema, readFields } from "./index.ts";

const service = contractOf(
  defineService("weather", {
    today: { request: json<JsonValue>(), reply: json<JsonValue>() },
    draw: { request: bytes, reply: bytes },
    typed: { request: z.object({ place: z.string(), days: z.int().optional() }), reply: json<JsonValue>() },
  }),
);

function read(
  args: readonly string[],
  options: { schema?: JsonSchema; base?: string | JsonValue; name?: string } = {},
) {
  const { schema, base, name = "today" } = options;
  const method = service.methods.get(name) as MethodContract;
  const given = schema === undefined ? {} : { schema: { request: schema } };
  const over = base === undefined ? {} : { base };
  return readFields({ service, method, args, readFile: () => Uint8Array.of(7), ...given, ...over }).request;
}

/** Without a schema. */
const guessed: readonly (readonly [args: readonly string[], request: JsonValue, base?: string | JsonValue])[] = [
  [[], {}],
  [["--place=Oslo"], { place: "Oslo" }],
  [["--place", "Oslo"], { place: "Oslo" }],
  [["--a=1", "--b=1.5e3", "--c=true", "--d=null", '--e="5"'], { a: 1, b: 1500, c: true, d: null, e: "5" }],
  [["--id=9007199254740993"], { id: "9007199254740993" }],
  [["--id=9007199254740992"], { id: "9007199254740992" }],
  [["--a=1e999", "--b= 5", "--c=007", "--d=[x"], { a: "1e999", b: " 5", c: "007", d: "[x" }],
  [['--a={"b":[1]}'], { a: { b: [1] } }],
  [["--fast"], { fast: true }],
  [["--fast", "--place=x"], { fast: true, place: "x" }],
  [["--no-fast"], { fast: false }],
  [["--no-fast", "--place=x"], { fast: false, place: "x" }],
  [["--no-reply=x"], { "no-reply": "x" }],
  [["--tags=a", "--tags=b"], { tags: ["a", "b"] }],
  [["--snake_case=1", "--camelCase=2", "--kebab-case=3"], { snake_case: 1, camelCase: 2, "kebab-case": 3 }],
  [["--a.b.c=1", "--a.d=2"], { a: { b: { c: 1 }, d: 2 } }],
  [["--lines.1.sku=y", "--lines.0.sku=x"], { lines: [{ sku: "x" }, { sku: "y" }] }],
  [['--byId."0".sku=x'], { byId: { "0": { sku: "x" } } }],
  [['--"a.b=c"=x'], { "a.b=c": "x" }],
  [["--__proto__=x"], JSON.parse('{"__proto__":"x"}') as JsonValue],
  [["--a.b=2"], { a: { b: 2, c: 1 }, d: 1 }, '{"a":{"b":1,"c":1},"d":1}'],
  [["--a.b=2"], { a: { b: 2 } }, { a: 5 }],
  [[], [1], [1]],
  [[], "text", '"text"'],
];

for (const [args, request, base] of guessed) {
  test(`readFields without a schema reads ${JSON.stringify(args)}${base === undefined ? "" : ` over ${JSON.stringify(base)}`}`, () => {
    assert.deepEqual(read(args, base === undefined ? {} : { base }), request);
  });
}

const schema: JsonSchema = {
  type: "object",
  properties: {
    place: { type: "string" },
    days: { type: "integer" },
    share: { type: ["number", "null"] },
    no_smoking: { type: "string" },
    smoking: { type: "boolean" },
    fast: { anyOf: [{ type: "boolean" }, { type: "null" }] },
    unit: { enum: ["celsius", "kelvin"] },
    level: { anyOf: [{ const: 1 }, { const: 2 }, { const: "Max" }] },
    tags: { type: "array", items: { type: "string" } },
    grid: { type: "array", items: { type: "array", items: { type: "number" } } },
    labels: { type: "object", additionalProperties: { type: "string" } },
    places: { type: "object", additionalProperties: { $ref: "#/$defs/Place" } },
    home: { $ref: "#/$defs/Place" },
    both: { allOf: [{ $ref: "#/$defs/Place" }, { properties: { extra: { type: "string" } } }] },
    either: { anyOf: [{ type: "string" }, { type: "number" }] },
    anything: {},
    line_items: { type: "array", items: { type: "object", properties: { unitPrice: { type: "number" } } } },
  },
  $defs: {
    Place: {
      title: "Place",
      type: "object",
      properties: { name: { type: "string" }, near: { $ref: "#/$defs/Place" } },
    },
  },
};

const typed: readonly (readonly [args: readonly string[], request: JsonValue, base?: string | JsonValue])[] = [
  [["--place=5", "--days=3"], { place: "5", days: 3 }],
  [["--place=null"], { place: "null" }],
  [["--share=-0.5", "--fast"], { share: -0.5, fast: true }],
  [["--no-fast"], { fast: false }],
  [["--no-smoking", "please"], { no_smoking: "please" }],
  [["--unit=Kelvin"], { unit: "kelvin" }],
  [["--level=2"], { level: 2 }],
  [["--level=max"], { level: "Max" }],
  [["--tags=a"], { tags: ["a"] }],
  [["--tags=a,b", "--tags=2"], { tags: ["a,b", "2"] }],
  [["--grid=[[1,2],[3]]"], { grid: [[1, 2], [3]] }],
  [["--grid.0.0=1", "--grid.0.1=2"], { grid: [[1, 2]] }],
  [["--labels.a.b=c"], { labels: { "a.b": "c" } }],
  [["--places.x.near.name=y"], { places: { x: { near: { name: "y" } } } }],
  [["--home.near.near.name=x"], { home: { near: { near: { name: "x" } } } }],
  [["--both.name=x", "--both.extra=5"], { both: { name: "x", extra: "5" } }],
  [["--either=5"], { either: 5 }],
  [["--either=five"], { either: "five" }],
  [["--anything.a.0=1"], { anything: { a: [1] } }],
  [["--line-items.0.unit_price=1", "--lineItems.1.unit-price=2"], { line_items: [{ unitPrice: 1 }, { unitPrice: 2 }] }],
  [["--days=1"], { days: 1, unheard: [true] }, '{"unheard":[true]}'],
];

for (const [args, request, base] of typed) {
  test(`readFields with a schema reads ${JSON.stringify(args)}${base === undefined ? "" : ` over ${JSON.stringify(base)}`}`, () => {
    assert.deepEqual(read(args, { schema, ...(base === undefined ? {} : { base }) }), request);
  });
}

const open = undefined;
const bad: readonly (readonly [
  args: readonly string[],
  text: string,
  schema: JsonSchema | undefined,
  base?: string | JsonValue,
])[] = [
  [["--plcae=Oslo"], 'flag "--plcae" of weather.today: there is no such field, did you mean "--place"?', schema],
  [
    ["--home.nmae=x"],
    'flag "--home.nmae" of weather.today: there is no such field, did you mean "--home.name"?',
    schema,
  ],
  [["--days=1.5"], 'flag "--days" of weather.today: "1.5" is no integer, write a whole number such as 3', schema],
  [
    ["--days=9007199254740993"],
    'flag "--days" of weather.today: "9007199254740993" loses digits as a JSON number, write one up to 9007199254740991',
    schema,
  ],
  [["--share=x"], 'flag "--share" of weather.today: "x" is no number, write a number such as 1.5', schema],
  [["--fast=yes"], 'flag "--fast" of weather.today: "yes" is no bool, write true or false', schema],
  [["--unit=f"], 'flag "--unit" of weather.today: "f" is none of its values, write one of celsius, kelvin', schema],
  [["--place=a", "--place=b"], 'flag "--place" of weather.today: it is given twice, and takes one value', schema],
  [["--place"], 'flag "--place" of weather.today: it needs a value, write --place=VALUE (string)', schema],
  [
    ["--home=5"],
    'flag "--home" of weather.today: "5" is no JSON object, write one, or its fields one by one with dots',
    schema,
  ],
  [["--a=1", "--a.b=1"], 'flag "--a.b" of weather.today: "--a" gives the whole of it, use one of the two', open],
  [
    ["--a.0=1", "--a.b=1"],
    'flag "--a.b" of weather.today: "--a.0" makes it a list, and this an object, use one of the two',
    open,
  ],
  [["--a.1=1"], 'flag "--a.1" of weather.today: item 0 before it is missing, number items from 0 without a gap', open],
  [["--a..b=1"], 'flag "--a..b" of weather.today: a name in its path is empty, write "" for that', open],
  [["--0=1"], 'flag "--0" of weather.today: "--" makes it an object, and this a list, use one of the two', open],
  [
    ["--a=1"],
    "the request of weather.today: its JSON is no object, so flags cannot set its fields, use one of the two",
    open,
    [1],
  ],
  [
    [],
    "the JSON of weather.today: at id: 9007199254740993 loses digits as a JSON number, write it as a string",
    open,
    '{"id":9007199254740993}',
  ],
  [[], "the JSON of weather.today: at a: a number is out of range of JSON", open, '{"a":1e999}'],
  [[], "the JSON of weather.today: a list is no object, write a JSON object", schema, "[]"],
];

for (const [args, text, known, base] of bad) {
  test(`readFields ${known === undefined ? "without" : "with"} a schema refuses ${JSON.stringify(args)} ${base === undefined ? "" : JSON.stringify(base)}`, () => {
    const options = { ...(known === undefined ? {} : { schema: known }), ...(base === undefined ? {} : { base }) };
    assert.throws(
      () => read(args, options),
      (error: unknown) => {
        assert.ok(error instanceof OrreryError);
        assert.equal(error.message, `Cannot read ${text}`);
        return true;
      },
    );
  });
}

test("readFields uses the JSON Schema that the contract's own library tells", () => {
  assert.deepEqual(read(["--place=5", "--days=5"], { name: "typed" }), { place: "5", days: 5 });
});

test("readFields reads the bytes of a request of bytes from --body", () => {
  assert.deepEqual(read(["--body=AQL/"], { name: "draw" }), Uint8Array.of(1, 2, 255));
  assert.deepEqual(read(["--body=@cat.png"], { name: "draw" }), Uint8Array.of(7));
  assert.deepEqual(read([], { name: "draw" }), new Uint8Array(0));
});

test("readFields reads a request that is no object from --body, and gives undefined for none", () => {
  assert.equal(read(["--body=5"], { schema: { type: "string" } }), "5");
  assert.deepEqual(read(["--body=5", "--body=6"], { schema: { type: "array", items: { type: "number" } } }), [5, 6]);
  assert.equal(read([], { schema: { type: "null" } }), undefined);
  assert.equal(read([], { schema: { type: "string" }, base: '"a"' }), "a");
});

test("readFields reads a request that is a map by its keys", () => {
  assert.deepEqual(read(["--a=1", "--b=2"], { schema: { type: "object", additionalProperties: { type: "number" } } }), {
    a: 1,
    b: 2,
  });
});

test("readFields ends for a schema that goes in a circle", () => {
  const circles: readonly JsonSchema[] = [
    { $ref: "#" },
    { anyOf: [{ $ref: "#" }, { $ref: "#" }, { type: "string" }] },
    { type: "object", additionalProperties: { $ref: "#" } },
  ];
  for (const schema of circles) assert.deepEqual(read(["--a.b={}"], { schema }), { a: { b: {} } });
});

test("readFields takes any arguments under any JSON Schema, or refuses them with an error of its own", () => {
  const name = fc.constantFrom("a", "b", "0", "no-a", "a.b", "a.0", "a.0.b", '"', "");
  const arg = fc.oneof(
    fc.tuple(name, fc.json()).map(([left, right]) => `--${left}=${right}`),
    name.map((one) => `--${one}`),
    fc.string(),
  );
  const keywords = fc.letrec((tie) => ({
    schema: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom<unknown>(
        true,
        false,
        {},
        { type: "string" },
        { type: ["number", "null"] },
        { enum: [1, "a"] },
        { $ref: "#" },
        5,
      ),
      fc.record({ type: fc.constant("object"), properties: fc.record({ a: tie("schema"), b: tie("schema") }) }),
      fc.record({ type: fc.constant("object"), additionalProperties: tie("schema") }),
      fc.record({ type: fc.constant("array"), items: tie("schema") }),
      fc.record({ anyOf: fc.array(tie("schema"), { maxLength: 3 }) }),
      fc.record({ allOf: fc.array(tie("schema"), { maxLength: 3 }) }),
    ),
  })).schema as fc.Arbitrary<JsonSchema>;
  fc.assert(
    fc.property(
      fc.array(arg, { maxLength: 5 }),
      keywords,
      fc.option(fc.json(), { nil: undefined }),
      (args, known, base) => {
        try {
          read(args, { schema: known, ...(base === undefined ? {} : { base }) });
        } catch (error) {
          assert.ok(error instanceof OrreryError, String(error));
          assert.match(error.message, /^Cannot read .* of weather\.today: ./s);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
