import assert from "node:assert/strict";
import type { LookupAddress, lookup } from "node:dns";
import { isIP } from "node:net";
import { describe, it } from "node:test";
import { parseUpstreams } from "../bind/upstream-list.ts";
import { createGuardedLookup } from "./system-guarded-lookup.ts";

/** What an upstream's name leads to, when its resolver says so. */
function look(
  name: string,
  { says, named = [] }: { readonly says: readonly string[]; readonly named?: readonly string[] },
): Promise<readonly string[]> {
  const resolve = ((_: string, __: object, done: (error: null, found: LookupAddress[]) => void) =>
    done(
      null,
      says.map((address) => ({ address, family: isIP(address) })),
    )) as unknown as typeof lookup;
  const guarded = createGuardedLookup({ port: 9000, upstreams: parseUpstreams(named), resolve });
  return new Promise((done, fail) =>
    guarded(name, { all: true }, (error, found) =>
      error === null ? done((found as LookupAddress[]).map(({ address }) => address)) : fail(error),
    ),
  );
}

describe("createGuardedLookup", () => {
  for (const address of [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "fe80::1",
    "ff02::1",
  ])
    it(`leads no name to ${address}`, async () => {
      await assert.rejects(look("rebound.test", { says: [address] }), (error: Error) =>
        error.message.includes(`"rebound.test" is ${address}, of this machine or its link`),
      );
    });

  for (const address of [
    "93.184.216.34",
    "10.0.0.5",
    "192.168.1.2",
    "172.16.0.1",
    "2606:2800::1",
    "fd00::1",
    "::ffff:8.8.8.8",
  ])
    it(`leads a name to ${address}`, async () => {
      assert.deepEqual(await look("inside.test", { says: [address] }), [address]);
    });

  it("takes what is left where some are left out", async () => {
    assert.deepEqual(await look("both.test", { says: ["127.0.0.1", "10.0.0.5"] }), ["10.0.0.5"]);
  });

  it("leads a name to this machine where the address and its port are named, and localhost always", async () => {
    const says = ["127.0.0.1"];
    assert.deepEqual(await look("own.test", { says, named: ["127.0.0.1:9000"] }), says);
    await assert.rejects(look("own.test", { says, named: ["127.0.0.1:9001"] }));
    assert.deepEqual(await look("own.test", { says: ["::1"], named: ["[::1]:9000"] }), ["::1"]);
    assert.deepEqual(await look("localhost", { says: ["127.0.0.1", "::1"] }), ["127.0.0.1", "::1"]);
  });

  it("tells one address to who asks for one", (_, done) => {
    const upstreams = parseUpstreams([]);
    createGuardedLookup({ port: 9000, upstreams })("localhost", {}, (error, address, family) => {
      assert.equal(error, null);
      assert.equal(isIP(String(address)), family);
      done();
    });
  });
});
