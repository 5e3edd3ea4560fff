import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasSameStart } from "./start-variables.ts";

describe("hasSameStart", () => {
  for (const name of [
    "NODE_OPTIONS",
    "NODE_EXTRA_CA_CERTS",
    "LD_PRELOAD",
    "UV_THREADPOOL_SIZE",
    "LC_ALL",
    "LANG",
    "https_proxy",
    "HTTPS_PROXY",
  ])
    it(`is false where ${name} is another, is new, or is gone`, () => {
      const two = [{ [name]: "a" }, { [name]: "b" }, {}];
      for (const had of two) for (const wanted of two) assert.equal(hasSameStart(had, wanted), had === wanted);
    });

  for (const name of ["NODE_ENV", "TZ", "PATH", "ORDERS_KEY", "LANGUAGES", "MY_NODE_OPTIONS"])
    it(`is true whatever ${name} is`, () => assert.equal(hasSameStart({ [name]: "a" }, {}), true));
});
