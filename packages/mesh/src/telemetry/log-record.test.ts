import assert from "node:assert/strict";
import { test } from "node:test";
import { LOG_DEPTH_MAX, LOG_FIELDS_MAX, LOG_LINE_CHARACTERS_MAX, LOG_TEXT_CHARACTERS_MAX } from "./limits.ts";
import { cleanEntry, isSecretName, recordOf } from "./log-record.ts";
import { assertLine } from "./testing/assert-line.ts";

const entry = (text: string, fields: Record<string, unknown> = {}) =>
  ({ timeMs: 1_767_225_600_123, level: "warn", text, fields }) as const;

test("recordOf puts the context in its places, and the rest under fields", () => {
  const context = { node: "n1", component: "till", instance: "till.0-a", method: "till.pay", flow: "n1/7" };
  const record = recordOf(entry("stock is low", { ...context, trace: "ab".repeat(16), watched: true, left: 3 }));
  assert.deepEqual(record, {
    time: "2026-01-01T00:00:00.123Z",
    level: "warn",
    text: "stock is low",
    ...context,
    trace: "ab".repeat(16),
    watched: true,
    fields: { left: 3 },
  });
  assertLine(JSON.stringify(record));
});

test("recordOf keeps fields that have a name of the schema, and say something else", () => {
  const { fields, level, node } = recordOf(entry("odd", { level: "high", time: 3, node: 5, text: "t", fields: 1 }));
  assert.deepEqual(fields, { level: "high", time: 3, node: 5, text: "t", fields: 1 });
  assert.deepEqual([level, node], ["warn", undefined]);
});

const secrets = [
  "token",
  "accessToken",
  "access_token",
  "client-secret",
  "password",
  "DB_PASSWORD",
  "Authorization",
  "apiKey",
  "key",
  "privateKey",
  "Set-Cookie",
  "credentials",
];

for (const name of secrets) {
  test(`recordOf writes nothing of a field "${name}", however deep it is`, () => {
    const record = recordOf(entry("x", { [name]: "hunter2", deep: [{ [name]: { inner: "hunter2" } }] }));
    assert.doesNotMatch(JSON.stringify(record), /hunter2/);
    assert.equal(record.fields?.[name], "[redacted]");
  });
}

for (const name of ["monkey", "author", "keyboard", "publicKey", "orderKey", "place", "spinning"]) {
  test(`isSecretName lets "${name}" pass`, () => assert.equal(isSecretName(name), false));
}

const texts = [
  ["Authorization: Bearer abc.def-ghi0123", "Authorization: Bearer [redacted]"],
  ["login with password=hunter2&user=ann", "login with password=[redacted]&user=ann"],
  ['{"api_key": "hunter2"}', '{"api_key": "[redacted]"}'],
  ["to postgres://ann:hunter2@db:5432/shop", "to postgres://ann:[redacted]@db:5432/shop"],
  ["the token is gone", "the token is gone"],
] as const;

for (const [text, expected] of texts) {
  test(`recordOf writes "${text}" as "${expected}"`, () => assert.equal(recordOf(entry(text)).text, expected));
}

test("recordOf loses no line over a value that JSON cannot hold", () => {
  const round: Record<string, unknown> = {};
  round["self"] = round;
  const broken = Object.defineProperty({}, "bad", {
    enumerable: true,
    get() {
      throw new Error("no");
    },
  });
  const error = new Error("boom");
  const values = { big: 2n ** 60n, round, nothing: undefined, run: () => 1, error, broken, nan: Number.NaN };
  const { fields = {} } = JSON.parse(JSON.stringify(recordOf(entry("odd", values)))) as {
    fields?: Record<string, unknown>;
  };
  assert.deepEqual([fields["big"], fields["nothing"], fields["nan"]], ["1152921504606846976", "undefined", "NaN"]);
  assert.match(String(fields["error"]), /^Error: boom\n/);
  assert.match(JSON.stringify(fields["round"]), new RegExp(`^(\\{"self":){${LOG_DEPTH_MAX}}"\\{…\\}"`));
  assert.match(String(fields["broken"]), /cannot be read/);
});

test(`recordOf keeps a line within ${LOG_LINE_CHARACTERS_MAX} characters`, () => {
  const long = "x".repeat(LOG_TEXT_CHARACTERS_MAX);
  const lengthOf = (text: string, fields = {}) => JSON.stringify(recordOf(entry(text, fields))).length;
  assert.equal(recordOf(entry(long)).text, long);
  assert.equal(recordOf(entry(`${long}y`)).text, `${long}…`);
  const many = Object.fromEntries(Array.from({ length: LOG_FIELDS_MAX + 1 }, (_, index) => [`f${index}`, index]));
  assert.equal(Object.keys(recordOf(entry("x", many)).fields ?? {}).length, LOG_FIELDS_MAX);
  const wide = Object.fromEntries(Array.from({ length: LOG_FIELDS_MAX }, (_, index) => [`f${index}`, long]));
  assert.ok(lengthOf(long, { ...wide, node: long, component: long }) <= LOG_LINE_CHARACTERS_MAX);
  assert.match(JSON.stringify(recordOf(entry("x", wide)).fields), /characters of fields/);
});

test("cleanEntry gives a sink the entry without its secrets, and the same record again", () => {
  const clean = cleanEntry(entry("x", { node: "n", token: "hunter2" }));
  assert.deepEqual(clean.fields, { node: "n", token: "[redacted]" });
  assert.equal(recordOf(clean), recordOf(clean));
});
