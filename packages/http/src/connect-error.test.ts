import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { errorFromJson, errorToJson } from "@connectrpc/connect/protocol-connect";
import { CODES, OrreryError } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import { fromConnectError, toConnectError } from "./connect-error.ts";

const overWire = (error: OrreryError) =>
  fromConnectError(errorFromJson(errorToJson(toConnectError(error), undefined), undefined, new ConnectError("lost")));

const facts = ({ code, message, kind, reason, definite, where, details }: OrreryError) => {
  return { code, message, kind, reason, definite, where, details };
};

for (const code of CODES) {
  test(`toConnectError and fromConnectError keep code ${code} and all that is known`, () => {
    const error = new OrreryError(code, "Cannot do it: no", { details: { a: [1, null, { b: "c" }] } });
    assert.deepEqual(facts(overWire(error)), facts(error));
  });
}

test("toConnectError keeps reason, kind, definiteness and place of a failure", () => {
  const error = failure("timeout", "Cannot finish: no answer within 5 ms", { where: "node-1" });
  assert.deepEqual(facts(overWire(error)), facts(error));
});

test("toConnectError tells nothing of cause and stack", () => {
  const error = new OrreryError("internal", "no", { cause: new Error("swordfish") });
  assert.doesNotMatch(JSON.stringify(errorToJson(toConnectError(error), undefined)), /swordfish|\.ts/);
});

test("toConnectError leaves out details that JSON cannot carry", () => {
  const error = new OrreryError("aborted", "no", { details: { a: 1n as unknown as string } });
  assert.deepEqual(facts(overWire(error)), { ...facts(error), details: {} });
});

test("fromConnectError takes an error from elsewhere for as little as it tells", () => {
  const error = fromConnectError(new ConnectError("gone", Code.Unavailable));
  assert.deepEqual(facts(error), {
    code: "unavailable",
    message: "gone",
    kind: "error",
    reason: undefined,
    definite: false,
    where: "",
    details: {},
  });
  assert.equal(fromConnectError(new ConnectError("no", Code.NotFound)).definite, true);
});
