import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import type { WireFailure } from "./envelope.ts";
import { ERROR_DETAILS_MAX, ERROR_TEXT_MAX } from "./limits.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { Any, Shop } from "./testing/services.ts";
import { settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";
import { failureFromWire, failureOfHandler, failureToWire } from "./wire-failure.ts";

test("failureToWire and failureFromWire keep all that a program reads, and neither stack nor cause", () => {
  const error = failure("overloaded", "Cannot accept", {
    where: "a.0-x",
    details: { waiting: 3, nested: { list: [1, "two", null] } },
    cause: new Error("secret"),
  });
  const wire = failureToWire(error, "ignored");
  assert.deepEqual(Object.keys(wire).toSorted(), ["code", "definite", "details", "kind", "message", "reason", "where"]);
  assert.ok(!JSON.stringify(wire).includes("secret"));
  const back = failureFromWire(wire);
  const facts = ({ code, kind, reason, definite, message, where, details }: OrreryError) => ({
    code,
    kind,
    reason,
    definite,
    message,
    where,
    details,
  });
  assert.deepEqual(facts(back), facts(error));
  assert.equal(back.cause, undefined);
});

test("failureToWire says where it was decided when the error does not", () => {
  assert.equal(failureToWire(new OrreryError("aborted", "x"), "here").where, "here");
});

const careless: readonly {
  readonly what: string;
  readonly wire: Partial<WireFailure>;
  readonly read: Partial<OrreryError>;
}[] = [
  { what: "a code of no list", wire: { code: "whatever" }, read: { code: "unknown" } },
  { what: "a reason of no table", wire: { reason: "toString" }, read: { reason: undefined } },
  { what: "details that are no JSON", wire: { details: "{" }, read: { details: {} } },
  { what: "details that are no object", wire: { details: "[1]" }, read: { details: {} } },
  { what: "details that are null", wire: { details: "null" }, read: { details: {} } },
];

for (const { what, wire, read } of careless) {
  test(`failureFromWire takes ${what} for the least it can mean`, () => {
    const whole = {
      kind: "bounced",
      code: "internal",
      reason: "",
      message: "m",
      definite: true,
      where: "",
      details: "",
      ...wire,
    } as const;
    const error = failureFromWire(whole);
    for (const [key, value] of Object.entries(read)) assert.deepEqual(error[key as keyof OrreryError], value);
    assert.deepEqual([error.kind, error.definite, error.message], ["bounced", true, "m"]);
  });
}

test("failureToWire cuts a text and refuses details beyond their bounds", () => {
  const long = new OrreryError("aborted", "x".repeat(ERROR_TEXT_MAX + 1), {
    details: { big: "y".repeat(ERROR_DETAILS_MAX) },
  });
  const wire = failureToWire(long, "");
  assert.equal(wire.message, `${"x".repeat(ERROR_TEXT_MAX)}…`);
  assert.deepEqual(JSON.parse(wire.details), { unsendable: "they have 65546 characters, the limit is 65536" });
  const fits = failureToWire(new OrreryError("aborted", "x".repeat(ERROR_TEXT_MAX)), "");
  assert.equal(fits.message.length, ERROR_TEXT_MAX);
});

test("failureOfHandler makes the outcome of a call that the handler made its own declared error", () => {
  const inner = failure("timeout", "Cannot finish: no answer", { details: { a: 1 } });
  const error = failureOfHandler(inner, "a.call");
  assert.deepEqual(
    [error.kind, error.code, error.reason, error.definite, error.message, error.details],
    ["error", "deadline_exceeded", undefined, true, 'Cannot finish "a.call": Cannot finish: no answer', { a: 1 }],
  );
});

const thrown: readonly { readonly what: string; readonly value: unknown; readonly logged: RegExp }[] = [
  { what: "an error", value: new TypeError("broken"), logged: /^TypeError: broken\n +at / },
  { what: "text", value: "broken", logged: /^broken$/ },
  { what: "undefined", value: undefined, logged: /^undefined$/ },
  { what: "null", value: null, logged: /^null$/ },
  { what: "a number", value: 0, logged: /^0$/ },
  { what: "a symbol", value: Symbol("broken"), logged: /^Symbol\(broken\)$/ },
  { what: "an object without a text", value: Object.create(null), logged: /^something of type object without a text$/ },
];

for (const { what, value, logged } of thrown) {
  for (const late of [false, true]) {
    test(`failureOfHandler answers for a handler that throws ${what} ${late ? "later" : "at once"}, and logs it`, async () => {
      const component = defineComponent(Any, () => ({
        call: (request) => {
          if (request === "fine") return request;
          if (!late) throw value;
          return settle().then(() => Promise.reject(value));
        },
      }));
      const { node, lines } = await startTestNode([component]);
      const outcome = await outcomeOf(node.client(Any).call(1));
      const error = outcome.kind === "reply" ? assert.fail("replied") : outcome.error;
      assert.deepEqual(
        [error.reason, error.message, error.code],
        ["handler_threw", 'Cannot finish "any.call": its handler failed, the log of its node tells why', "internal"],
      );
      const [line, ...more] = lines;
      assert.deepEqual([line?.level, line?.text, more.length], ["error", "handler failed", 0]);
      assert.match(String(line?.fields["error"]), logged);
      assert.deepEqual([line?.fields["node"], line?.fields["method"]], ["here", "any.call"]);
      assert.equal(await node.client(Any).call("fine"), "fine");
      await node.stop();
    });
  }
}

test("failureOfHandler logs what the handler of a one-way message throws, because nobody else is told", async () => {
  const component = defineComponent(Shop, () => ({
    buy: () => ({ total: 1 }),
    note: () => {
      throw new OrreryError("not_found", "Cannot note: no paper");
    },
    async *watch() {},
    close: () => {
      throw new OrreryError("not_found", "Cannot close: no door");
    },
  }));
  const { node, lines } = await startTestNode([component]);
  await node.send(Shop).note({ text: "x" }).accepted;
  node.publish(Shop).close({ why: "x" });
  await settle();
  assert.deepEqual(
    lines.map(({ fields }) => String(fields["error"]).split("\n")[0]),
    ["OrreryError: Cannot note: no paper", "OrreryError: Cannot close: no door"],
  );
  await node.stop();
});

const oddDetails: readonly { readonly what: string; readonly details: unknown; readonly told: unknown }[] = [
  {
    what: "a BigInt",
    details: { id: 1n },
    told: { unsendable: 'Cannot send "details.id": a bigint is not plain data, pass it as a string' },
  },
  {
    what: "a circle",
    details: circle(),
    told: { unsendable: /^Cannot send "details\.self.*": nested deeper than 200 levels, or in a circle$/ },
  },
  {
    what: "a Date",
    details: { at: new Date(0) },
    told: { unsendable: 'Cannot send "details.at": a Date is not plain data, pass its fields' },
  },
];

function circle(): unknown {
  const self: Record<string, unknown> = {};
  self["self"] = self;
  return self;
}

for (const { what, details, told } of oddDetails) {
  test(`failureToWire still answers when the details of a declared error hold ${what}`, async () => {
    const component = defineComponent(Any, () => ({
      call: () => {
        throw new OrreryError("aborted", "Cannot go on", { details: details as never });
      },
    }));
    const { node } = await startTestNode([component]);
    const outcome = await outcomeOf(node.client(Any).call(1));
    const error = outcome.kind === "reply" ? assert.fail("replied") : outcome.error;
    assert.equal(error.message, "Cannot go on");
    const { unsendable } = told as { unsendable: string | RegExp };
    if (typeof unsendable === "string") assert.deepEqual(error.details, told);
    else assert.match(String(error.details["unsendable"]), unsendable);
    await node.stop();
  });
}
