import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { OrreryError } from "@orrery/core";
import { coreMessage, serviceOf } from "../testing/core-contracts.ts";
import { readFields } from "./index.ts";
import { ARGS_MAX, FLAG_DEPTH_MAX, FLAG_NAME_MAX, JSON_DEPTH_MAX } from "./limits.ts";

const files: Readonly<Record<string, Uint8Array>> = { "cat.png": Uint8Array.of(1, 2, 255) };

function readFile(path: string): Uint8Array {
  const bytes = files[path];
  if (bytes === undefined) throw new Error("ENOENT: no such file");
  return bytes;
}

function read(type: string, args: readonly string[], base?: string | JsonValue): unknown {
  const of = serviceOf(coreMessage(`codec.${type}`));
  return readFields({ ...of, args, readFile, ...(base === undefined ? {} : { base }) }).request;
}

const good: readonly (readonly [type: string, args: readonly string[], json: JsonValue, base?: string | JsonValue])[] =
  [
    ["order.Order", [], {}],
    ["order.Order", ["--id=a"], { id: "a" }],
    ["order.Order", ["--id", "a"], { id: "a" }],
    ["order.Order", ["--id="], { id: "" }],
    ["order.Order", ["--id", ""], { id: "" }],
    ["order.Order", ["--id=a=b=c"], { id: "a=b=c" }],
    ["order.Order", ["--id=--x"], { id: "--x" }],
    ["order.Order", ["--id", "-x"], { id: "-x" }],
    ["order.Order", ["--id=@orrery"], { id: "@orrery" }],
    ["order.Order", ['--id="a"'], { id: '"a"' }],
    ["order.Order", ["--id=null"], { id: "null" }],
    ["order.Order", ["--paid"], { paid: true }],
    ["order.Order", ["--paid", "--id=a"], { id: "a", paid: true }],
    ["order.Order", ["--paid", "false", "--id=a"], { id: "a", paid: false }],
    ["order.Order", ["--paid=true"], { paid: true }],
    ["order.Order", ["--no-paid"], { paid: false }],
    ["order.Order", ["--id=a", "--"], { id: "a" }],
    ["order.Order", ["--total=-1.5e3"], { total: -1500 }],
    ["order.Order", ["--total", "-1"], { total: -1 }],
    ["order.Order", ["--total=NaN"], { total: "NaN" }],
    ["order.Order", ["--total=-Infinity"], { total: "-Infinity" }],
    ["order.Order", ["--priority=+0007"], { priority: 7 }],
    ["order.Order", ["--tags=a,b", "--tags=c"], { tags: ["a,b", "c"] }],
    ["order.Order", ["--tags", "a", "--tags", "b"], { tags: ["a", "b"] }],
    ["order.Order", ['--tags=["a","b"]'], { tags: ["a", "b"] }],
    ["order.Order", ["--tags.0=[a]"], { tags: ["[a]"] }],
    ["order.Order", ["--tags.1=b", "--tags.0=a"], { tags: ["a", "b"] }],
    ["order.Order", ["--lines.0.sku=x", "--lines.0.quantity=2"], { lines: [{ sku: "x", quantity: 2 }] }],
    ["order.Order", ["--lines.1.sku=y", "--lines.0.sku=x"], { lines: [{ sku: "x" }, { sku: "y" }] }],
    ["order.Order", ['--lines={"sku":"x"}', '--lines={"sku":"y"}'], { lines: [{ sku: "x" }, { sku: "y" }] }],
    ["scalars.Plain", ["--int64Field=9223372036854775807"], { int64Field: "9223372036854775807" }],
    ["scalars.Plain", ["--sint64-field", "-9223372036854775808"], { sint64Field: "-9223372036854775808" }],
    ["scalars.Plain", ["--uint64_field=18446744073709551615"], { uint64Field: "18446744073709551615" }],
    ["scalars.Plain", ["--color_field=red"], { colorField: "COLOR_RED" }],
    ["scalars.Plain", ["--color_field=Color-Red"], { colorField: "COLOR_RED" }],
    ["scalars.Plain", ["--color_field=-7"], { colorField: "COLOR_NEGATIVE" }],
    ["scalars.Plain", ["--color_field=12"], { colorField: 12 }],
    ["scalars.Plain", ["--bytes_field=AQL_"], { bytesField: "AQL/" }],
    ["scalars.Plain", ["--bytes_field=AQ"], { bytesField: "AQ==" }],
    ["scalars.Plain", ["--bytes_field=@cat.png"], { bytesField: "AQL/" }],
    ["scalars.Plain", ["--child_field.child.child={}"], { childField: { child: { child: {} } } }],
    ["scalars.Plain", ["--no-bool_field"], { boolField: false }],
    ["scalars.Packed", ["--bool_list", "--bool_list=false"], { boolList: [true, false] }],
    ["scalars.Values", ["--string_values.app.io/name=x"], { stringValues: { "app.io/name": "x" } }],
    ["scalars.Values", ['--string_values."a=b".c=x'], { stringValues: { '"a=b".c': "x" } }],
    ["scalars.Values", ['--string_values."a=b.c"=x'], { stringValues: { "a=b.c": "x" } }],
    ["scalars.Values", ["--string_values.=x"], { stringValues: { "": "x" } }],
    ["scalars.Values", ["--string_values.__proto__=x"], JSON.parse('{"stringValues":{"__proto__":"x"}}') as JsonValue],
    ["scalars.Values", ["--bool_values.a", "--no-bool_values.b"], { boolValues: { a: true, b: false } }],
    ["scalars.Values", ['--child_values."a.b".number=1'], { childValues: { "a.b": { number: 1 } } }],
    ["scalars.Values", ['--int32_values={"a":1,"b":"2"}'], { int32Values: { a: 1, b: 2 } }],
    ["scalars.Keys", ["--int64_keys.-9223372036854775808=1"], { int64Keys: { "-9223372036854775808": 1 } }],
    ["scalars.Keys", ["--bool_keys.true=1"], { boolKeys: { true: 1 } }],
    ["scalars.Choice", ["--int32_case=1", "--early=x"], { int32Case: 1, early: "x" }],
    ["known.Known", ["--time=2026-01-31T12:00:00.5Z"], { time: "2026-01-31T12:00:00.500Z" }],
    ["known.Known", ["--duration=-1.5s"], { duration: "-1.500s" }],
    ["known.Known", ["--mask=a,b.cD"], { mask: "a,b.cD" }],
    ["known.Known", ["--empty={}"], { empty: {} }],
    ["known.Known", ['--json={"a":[1]}'], { json: { a: [1] } }],
    ["known.Known", ['--list=[1,"a"]'], { list: [1, "a"] }],
    ["known.Known", ["--value=hello"], { value: "hello" }],
    ["known.Known", ["--value=null"], { value: null }],
    ["known.Known", ["--value=9007199254740993"], { value: "9007199254740993" }],
    ["known.Known", ["--null=null"], { null: null }],
    ["known.Known", ["--chosen_text=a"], { chosenText: "a" }],
    ["known.Wrapped", ["--int64=9007199254740993"], { int64: "9007199254740993" }],
    ["known.Wrapped", ["--bool"], { bool: true }],
    ["known.Wrapped", ["--no-bool"], { bool: false }],
    ["known.Wrapped", ["--list=a", "--list="], { list: ["a", ""] }],
    ["known.Wrapped", ["--map.1=@cat.png"], { map: { 1: "AQL/" } }],
    ["legacy.Plain", ["--closed_field=less"], { closedField: "CLOSED_LESS" }],
    ["legacy.Groups", ["--one.number=1", "--many.0.text=a"], { one: { number: 1 }, many: [{ text: "a" }] }],
    // Over JSON.
    ["order.Order", ["--id=b"], { id: "b", paid: true }, '{"id":"a","paid":true}'],
    ["order.Order", ["--tags=b"], { tags: ["b"] }, { tags: ["a", "c"] }],
    ["order.Order", ["--tags=[]"], {}, { tags: ["a"] }],
    [
      "order.Order",
      ["--lines.1.sku=y", "--lines.0.quantity=2"],
      { lines: [{ sku: "x", quantity: 2 }, { sku: "y" }] },
      '{"lines":[{"sku":"x"}]}',
    ],
    ["scalars.Plain", [], { int64Field: "9007199254740993" }, '{"int64_field":9007199254740993}'],
    [
      "scalars.Plain",
      [],
      { int32Field: 1 },
      '{"int32Field":1.0,"text":null}'.replace(',"text":null', ',"child_field":null'),
    ],
    ["scalars.Choice", ["--int64_case=1"], { int64Case: "1", early: "x" }, '{"stringCase":"a","early":"x"}'],
    ["scalars.Values", ["--string_values.b=2"], { stringValues: { a: "1", b: "2" } }, '{"stringValues":{"a":"1"}}'],
    ["known.Known", ["--time=2026-01-31T12:00:00Z"], { time: "2026-01-31T12:00:00Z", any: {} }, '{"any":{}}'],
  ];

for (const [type, args, json, base] of good) {
  const over = base === undefined ? "" : ` over ${JSON.stringify(base)}`;
  test(`readFields of ${type} reads ${JSON.stringify(args)}${over}`, () => {
    assert.deepStrictEqual(read(type, args, base), fromJson(coreMessage(`codec.${type}`), json));
  });
}

const wholeInt32 = "write a whole number from -2147483648 to 2147483647";
const bad: readonly (readonly [type: string, args: readonly string[], text: string, base?: string | JsonValue])[] = [
  [
    "order.Order",
    ["--custmer=a"],
    'flag "--custmer" of shop.place: there is no such field, did you mean "--customer"?',
  ],
  [
    "order.Order",
    ["--xyz=a"],
    'flag "--xyz" of shop.place: there is no such field, there are --id, --customer, --priority, --lines, --tags, --total, --paid',
  ],
  [
    "order.Order",
    ["--xyz"],
    'flag "--xyz" of shop.place: there is no such field, there are --id, --customer, --priority, --lines, --tags, --total, --paid',
  ],
  [
    "order.Order",
    ["--lines.0.skuu=a"],
    'flag "--lines.0.skuu" of shop.place: there is no such field, did you mean "--lines.0.sku"?',
  ],
  [
    "order.Order",
    ["--lines_0_sku=a"],
    'flag "--lines_0_sku" of shop.place: there is no such field, there are --id, --customer, --priority, --lines, --tags, --total, --paid',
  ],
  [
    "order.Order",
    ["--=a"],
    'flag "--" of shop.place: there is no such field, there are --id, --customer, --priority, --lines, --tags, --total, --paid',
  ],
  ["scalars.Empty", ["--a=1"], 'flag "--a" of shop.place: there is no such field, Empty has none'],
  ["order.Order", ["a"], '"a" of shop.place: it is no flag, write --FIELD=VALUE'],
  ["order.Order", ["-id", "a"], '"-id" of shop.place: it is no flag, write --id'],
  ["order.Order", ["--", "--id=a"], '"--id=a" of shop.place: it is no flag, write --FIELD=VALUE'],
  ["order.Order", ["--paid", "yes"], '"yes" of shop.place: it is no flag, write --FIELD=VALUE'],
  ["order.Order", ["--id"], 'flag "--id" of shop.place: it needs a value, write --id=VALUE (string)'],
  ["order.Order", ["--id", "--paid"], 'flag "--id" of shop.place: it needs a value, write --id=VALUE (string)'],
  ["order.Order", ["--lines"], 'flag "--lines" of shop.place: it needs a value, write --lines=VALUE (repeated Line)'],
  ["order.Order", ["--id=a", "--id=b"], 'flag "--id" of shop.place: it is given twice, and takes one value'],
  ["order.Order", ["--paid", "--no-paid"], 'flag "--no-paid" of shop.place: it is given twice, and takes one value'],
  ["order.Order", ["--paid=yes"], 'flag "--paid" of shop.place: "yes" is no bool, write true or false'],
  [
    "order.Order",
    ["--no-paid=true"],
    'flag "--no-paid" of shop.place: it takes no value, write --paid=false or --no-paid',
  ],
  ["order.Order", ["--no-id"], 'flag "--no-id" of shop.place: only a bool can be switched off, and "--id" is string'],
  ["order.Order", ["--id.x=a"], 'flag "--id.x" of shop.place: "--id" takes one value (string) and has no fields'],
  [
    "order.Order",
    ["--lines.sku=a"],
    'flag "--lines.sku" of shop.place: "--lines" is a list, name an item by its number as in "--lines.0.sku"',
  ],
  [
    "order.Order",
    ["--lines.-1.sku=a"],
    'flag "--lines.-1.sku" of shop.place: "--lines" is a list, name an item by its number as in "--lines.0.-1.sku"',
  ],
  [
    "order.Order",
    ["--lines.0.sku=a", "--lines.2.sku=b"],
    'flag "--lines.2.sku" of shop.place: item 1 before it is missing, number items from 0 without a gap',
  ],
  ["order.Order", ["--tags.10000=a"], 'flag "--tags.10000" of shop.place: index "10000" is beyond the limit of 9999'],
  [
    "order.Order",
    ["--tags=[a]"],
    'flag "--tags" of shop.place: "[a]" is no JSON list, write one, or .0=VALUE for an item that begins with "["',
  ],
  ["order.Order", ["--tags=[1]"], 'flag "--tags" of shop.place: at 0: 1 is no string, write it in quotes'],
  [
    "order.Order",
    ['--tags=["a"]', "--tags=b"],
    'flag "--tags" of shop.place: it is given as a JSON list and as an item, give one list or repeat it for each item',
  ],
  ["order.Order", ["--tags=[]", "--tags=[]"], 'flag "--tags" of shop.place: it is given twice, and takes one value'],
  [
    "order.Order",
    ["--tags=a", "--tags.1=b"],
    'flag "--tags.1" of shop.place: "--tags" gives the whole of it, use one of the two',
  ],
  [
    "order.Order",
    ["--tags.0=a", "--tags=b"],
    'flag "--tags" of shop.place: "--tags.0" gives a part of it, use one of the two',
  ],
  [
    "order.Order",
    ["--lines=x"],
    'flag "--lines" of shop.place: "x" is no JSON object, write one, or its fields one by one with dots',
  ],
  [
    "order.Order",
    ['--lines={"sku":"a","price":"b"}'],
    'flag "--lines" of shop.place: at price: "b" is no double, write a number such as 1.5, -2e6, NaN or Infinity',
  ],
  [
    "order.Order",
    ['--lines=[{"sku":"a"},{"qantity":1}]'],
    'flag "--lines" of shop.place: at 1: there is no field "qantity", did you mean "quantity"?',
  ],
  [
    "order.Order",
    ["--priority=-1"],
    'flag "--priority" of shop.place: "-1" is out of range of uint32, write a whole number from 0 to 4294967295',
  ],
  [
    "order.Order",
    ["--total=1e999"],
    'flag "--total" of shop.place: "1e999" is out of range of double, write a number from -1.7976931348623157e+308 to 1.7976931348623157e+308, or Infinity',
  ],
  [
    "order.Order",
    ["--total=inf"],
    'flag "--total" of shop.place: "inf" is no double, write a number such as 1.5, -2e6, NaN or Infinity',
  ],
  [
    "order.Order",
    ["--total="],
    'flag "--total" of shop.place: "" is no double, write a number such as 1.5, -2e6, NaN or Infinity',
  ],
  ["scalars.Plain", ["--int32_field=three"], `flag "--int32_field" of shop.place: "three" is no int32, ${wholeInt32}`],
  ["scalars.Plain", ["--int32_field=1.5"], `flag "--int32_field" of shop.place: "1.5" is no int32, ${wholeInt32}`],
  [
    "scalars.Plain",
    ["--int32_field=2147483648"],
    `flag "--int32_field" of shop.place: "2147483648" is out of range of int32, ${wholeInt32}`,
  ],
  [
    "scalars.Plain",
    ["--int64_field=9223372036854775808"],
    'flag "--int64_field" of shop.place: "9223372036854775808" is out of range of int64, write a whole number from -9223372036854775808 to 9223372036854775807',
  ],
  [
    "scalars.Plain",
    [`--uint64_field=1${"0".repeat(80)}`],
    `flag "--uint64_field" of shop.place: "1${"0".repeat(59)}…" is out of range of uint64, write a whole number from 0 to 18446744073709551615`,
  ],
  [
    "scalars.Plain",
    ["--float_field=1e39"],
    'flag "--float_field" of shop.place: "1e39" is out of range of float, write a number from -3.4028234663852886e+38 to 3.4028234663852886e+38, or Infinity',
  ],
  [
    "scalars.Plain",
    ["--color_field=blue"],
    'flag "--color_field" of shop.place: "blue" is no Color, write one of UNSPECIFIED, RED, NEGATIVE',
  ],
  [
    "scalars.Plain",
    ["--color_field=2147483648"],
    'flag "--color_field" of shop.place: "2147483648" is no Color, write one of UNSPECIFIED, RED, NEGATIVE',
  ],
  [
    "legacy.Plain",
    ["--closed_field=7"],
    'flag "--closed_field" of shop.place: "7" is no Closed, write one of ONE, TWO, LESS',
  ],
  [
    "scalars.Plain",
    ["--bytes_field=#"],
    'flag "--bytes_field" of shop.place: "#" is no base64, write base64 or @ and the path of a file',
  ],
  [
    "scalars.Plain",
    ["--bytes_field=@dog.png"],
    'flag "--bytes_field" of shop.place: file "dog.png" cannot be read (ENOENT: no such file), name one that can',
  ],
  [
    "scalars.Plain",
    ["--child_field=[]"],
    'flag "--child_field" of shop.place: "[]" is no JSON object, write one, or its fields one by one with dots',
  ],
  [
    "scalars.Plain",
    ["--child_field={}", "--child_field.text=a"],
    'flag "--child_field.text" of shop.place: "--child_field" gives the whole of it, use one of the two',
  ],
  [
    "scalars.Values",
    ["--int32_values=a"],
    'flag "--int32_values" of shop.place: "a" is no JSON object, write one, or its entries one by one as .KEY=VALUE',
  ],
  ["scalars.Values", ["--int32_values.a=x"], `flag "--int32_values.a" of shop.place: "x" is no int32, ${wholeInt32}`],
  [
    "scalars.Values",
    ["--int32_values.a=1", "--int32_values.a=2"],
    'flag "--int32_values.a" of shop.place: it is given twice, and takes one value',
  ],
  [
    "scalars.Values",
    ['--child_values."a=1'],
    'flag "--child_values."a=1" of shop.place: "\\"a=1" is no quoted name, close it as in labels."a.b"',
  ],
  [
    "scalars.Values",
    ['--child_values."a"b.number=1'],
    'flag "--child_values."a"b.number" of shop.place: after the quotes of "\\"a\\"" comes "b.number", write "." or "="',
  ],
  ["scalars.Keys", ["--int32_keys.a=1"], `flag "--int32_keys.a" of shop.place: key "a" is no int32, ${wholeInt32}`],
  [
    "scalars.Keys",
    ["--bool_keys.yes=1"],
    'flag "--bool_keys.yes" of shop.place: key "yes" is no bool, write true or false',
  ],
  [
    "scalars.Choice",
    ["--int32_case=1", "--bool_case"],
    'flag "--bool_case" of shop.place: it and "--int32_case" are both of oneof "first", give one of them',
  ],
  [
    "scalars.Choice",
    ["--child_case.number=1", "--string_case=a"],
    'flag "--string_case" of shop.place: it and "--child_case.number" are both of oneof "first", give one of them',
  ],
  [
    "known.Known",
    ["--time=today"],
    'flag "--time" of shop.place: "today" is no Timestamp, write one such as 2026-01-31T12:00:00Z',
  ],
  [
    "known.Known",
    ["--time=2026-13-31T12:00:00Z"],
    'flag "--time" of shop.place: "2026-13-31T12:00:00Z" is no Timestamp, write one such as 2026-01-31T12:00:00Z',
  ],
  [
    "known.Known",
    ["--time.seconds=1"],
    'flag "--time.seconds" of shop.place: "--time" takes one value (Timestamp) and has no fields',
  ],
  ["known.Known", ["--duration=1.5"], 'flag "--duration" of shop.place: "1.5" is no Duration, write one such as 1.5s'],
  [
    "known.Known",
    ["--duration=1.5sx"],
    'flag "--duration" of shop.place: "1.5sx" is no Duration, write one such as 1.5s',
  ],
  [
    "known.Known",
    ["--mask=a_b"],
    'flag "--mask" of shop.place: "a_b" is no FieldMask, write one such as place,forecast.days',
  ],
  ["known.Known", ["--json=[]"], 'flag "--json" of shop.place: a list is no JSON object'],
  ["known.Known", ["--json=a"], 'flag "--json" of shop.place: "a" is no JSON object'],
  [
    "known.Known",
    ['--json={"a":9007199254740993}'],
    'flag "--json" of shop.place: at a: 9007199254740993 loses digits as a JSON number, write it as a string',
  ],
  ["known.Known", ["--list={}"], 'flag "--list" of shop.place: an object is no JSON list'],
  ["known.Known", ["--null=x"], 'flag "--null" of shop.place: "x" is no null, write null'],
  [
    "known.Known",
    ["--any={}"],
    'flag "--any" of shop.place: a google.protobuf.Any cannot be given by flag, give the whole request as JSON, with "@type" in it',
  ],
  // Limits.
  [
    "order.Order",
    Array.from({ length: ARGS_MAX + 1 }, () => "--tags=a"),
    `the flags of shop.place: there are ${ARGS_MAX + 1} arguments, the limit is ${ARGS_MAX}`,
  ],
  [
    "scalars.Child",
    [`--${"child.".repeat(FLAG_DEPTH_MAX)}number=1`],
    `flag "--${"child.".repeat(10).slice(0, 58)}…" of shop.place: its path has ${FLAG_DEPTH_MAX + 1} parts, the limit is ${FLAG_DEPTH_MAX}`,
  ],
  [
    "order.Order",
    [`--${"x".repeat(FLAG_NAME_MAX + 1)}=1`],
    `flag "--${"x".repeat(58)}…" of shop.place: its name has ${FLAG_NAME_MAX + 1} characters, the limit is ${FLAG_NAME_MAX}`,
  ],
  [
    "known.Known",
    [`--list=${"[".repeat(200)}${"]".repeat(200)}`],
    `flag "--list" of shop.place: it is nested deeper than ${JSON_DEPTH_MAX} levels`,
  ],
  // JSON.
  ["order.Order", [], "the JSON of shop.place: it is no JSON, write an object such as {} in it", "{"],
  ["order.Order", [], "the JSON of shop.place: a list is no Order, write a JSON object", []],
  [
    "order.Order",
    [],
    'the JSON of shop.place: there is no field "custmer", did you mean "customer"?',
    { custmer: "a" },
  ],
  [
    "order.Order",
    [],
    "the JSON of shop.place: at lines.1.sku: 5 is no string, write it in quotes",
    { lines: [{}, { sku: 5 }] },
  ],
  ["order.Order", [], 'the JSON of shop.place: at paid: "true" is no bool, write true or false', { paid: "true" }],
  ["order.Order", [], 'the JSON of shop.place: at tags: "a" is no list of string, write a JSON list', { tags: "a" }],
  ["order.Order", [], "the JSON of shop.place: at tags.0: null is no string, write it in quotes", { tags: [null] }],
  ["scalars.Plain", [], `the JSON of shop.place: at int32Field: 1.5 is no int32, ${wholeInt32}`, { int32Field: 1.5 }],
  [
    "scalars.Plain",
    [],
    "the JSON of shop.place: at stringField: 9007199254740993 is no string, write it in quotes",
    '{"stringField":9007199254740993}',
  ],
  [
    "scalars.Plain",
    [],
    'the JSON of shop.place: field "boolField" is there twice, in two spellings',
    { boolField: true, bool_field: true },
  ],
  [
    "scalars.Choice",
    [],
    'the JSON of shop.place: "int32Case" and "boolCase" are both of oneof "first", give one of them',
    { int32Case: 1, boolCase: true },
  ],
  [
    "known.Known",
    [],
    "the request of shop.place: cannot decode message google.protobuf.Any from JSON: x/none is not in the type registry",
    '{"any":{"@type":"x/none"}}',
  ],
  [
    "scalars.Child",
    [],
    `the JSON of shop.place: it is nested deeper than ${JSON_DEPTH_MAX} levels`,
    `${'{"child":'.repeat(120)}{}${"}".repeat(120)}`,
  ],
  [
    "scalars.Child",
    [],
    `the JSON of shop.place: it is nested deeper than ${JSON_DEPTH_MAX} levels`,
    `${"[".repeat(200_000)}${"]".repeat(200_000)}`,
  ],
];

for (const [type, args, text, base] of bad) {
  const name = JSON.stringify(args).slice(0, 80);
  test(`readFields of ${type} refuses ${name}${base === undefined ? "" : ` over ${JSON.stringify(base).slice(0, 80)}`}`, () => {
    assert.throws(
      () => read(type, args, base),
      (error: unknown) => {
        assert.ok(error instanceof OrreryError);
        assert.equal(error.message, `Cannot read ${text}`);
        assert.equal(error.code, "invalid_argument");
        return true;
      },
    );
  });
}

test("readFields takes as many arguments as the limit says", () => {
  const args = Array.from({ length: ARGS_MAX }, () => "--tags=a");
  assert.equal((read("order.Order", args) as { tags: string[] }).tags.length, ARGS_MAX);
});

test("readFields refuses files where it is given no way to read them", () => {
  const of = serviceOf(coreMessage("codec.scalars.Plain"));
  assert.throws(() => readFields({ ...of, args: ["--bytesField=@a"] }), {
    message:
      'Cannot read flag "--bytesField" of shop.place: file "a" cannot be read (files are not read here), name one that can',
  });
});
