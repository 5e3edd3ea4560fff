import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readOidc } from "./read-oidc.ts";

const GOOD = { issuer: "https://issuer.test", clientId: "orrery", users: "demo.test:users" };

describe("readOidc", () => {
  it("reads what an operator says of an issuer", () => {
    const whole = { ...GOOD, clientSecret: "s", claim: "preferred_username", commandClientId: "orrery-command" };
    for (const said of [GOOD, whole])
      assert.deepEqual(readOidc({ name: "oidc.json", content: JSON.stringify(said) }), said);
  });

  for (const [what, content, text] of [
    ["what is no JSON", "{", /it is no object of JSON/],
    ["a list", "[]", /it is no object of JSON/],
    [
      "a field that there is not",
      JSON.stringify({ ...GOOD, client: "x" }),
      /there is no "client", write some of issuer/,
    ],
    ["a field that is missing", JSON.stringify({ issuer: "https://issuer.test" }), /"clientId" must be a text/],
    ["a field of another type", JSON.stringify({ ...GOOD, claim: 1 }), /"claim" must be a text/],
  ] as const)
    it(`refuses ${what}`, () =>
      assert.throws(() => readOidc({ name: "oidc.json", content }), { exit: 2, message: text }));
});
