import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { parseUpstreams } from "./upstream-list.ts";

describe("parseUpstreams", () => {
  for (const [entry, origin, isNamed] of [
    ["127.0.0.1:9000", "http://127.0.0.1:9000", true],
    ["127.0.0.1:9000", "https://127.0.0.1:9000", true],
    ["127.0.0.1:9000", "http://127.1:9000", true],
    ["127.0.0.1:9000", "http://2130706433:9000", true],
    ["127.0.0.1:9000", "http://127.0.0.1:9001", false],
    ["127.0.0.1:9000", "http://127.0.0.2:9000", false],
    ["127.0.0.1:9000", "http://localhost:9000", false],
    ["127.0.0.1:9000", "http://[::ffff:127.0.0.1]:9000", false],
    ["127.0.0.1:80", "http://127.0.0.1", true],
    ["api.example.com:443", "https://api.example.com", true],
    ["api.example.com:443", "http://api.example.com", false],
    ["API.example.com:443", "https://api.EXAMPLE.com", true],
    ["api.example.com:443", "https://api.example.com.:443", false],
    ["api.example.com:443", "https://evil.api.example.com", false],
    ["[::1]:9000", "http://[0:0:0:0:0:0:0:1]:9000", true],
    ["[::1]:9000", "http://[::2]:9000", false],
  ] as const)
    it(`${isNamed ? "takes" : "does not take"} ${origin} for ${entry}`, () => {
      assert.equal(parseUpstreams([entry]).has(origin), isNamed);
    });

  it("has none where it names none", () => {
    assert.equal(parseUpstreams([]).has("http://127.0.0.1:9000"), false);
  });

  for (const entry of [
    "",
    "127.0.0.1",
    ":9000",
    "http://a.test:80",
    "a.test:0",
    "a.test:70000",
    "a.test:80/x",
    "u@a.test:80",
    "a b:80",
    "::1:9000",
    "*:80",
    "*.a.test:80",
  ])
    it(`refuses "${entry}"`, () => {
      assert.throws(
        () => parseUpstreams([entry]),
        (error: unknown) =>
          isOrreryError(error) &&
          error.code === "invalid_argument" &&
          error.message.startsWith(`Cannot allow the upstream "${entry}": write host and port such as`),
      );
    });
});
