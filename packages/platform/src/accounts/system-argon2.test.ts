import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { HASHES_AT_ONCE, HASHES_WAITING_MAX } from "./limits.ts";
import { ARGON2_COST, createArgon2Hasher } from "./system-argon2.ts";

const hasher = createArgon2Hasher({ random: createSeededRandom(1) });
const cheap = createArgon2Hasher({ random: createSeededRandom(1), cost: { memory: 8, passes: 1, lanes: 1 } });

/** By the reference implementation, https://github.com/P-H-C/phc-winner-argon2, src/test.c */
const FOREIGN = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";

describe("createArgon2Hasher", () => {
  it("knows a hash of the reference implementation", async () => {
    assert.equal(await hasher.verify("password", FOREIGN), true);
    assert.equal(await hasher.verify("Password", FOREIGN), false);
  });

  it("makes hashes that differ, of the cost that is recommended, for texts however they are composed", async () => {
    const [one, two] = [await hasher.hash("pässword"), await hasher.hash("pässword")];
    assert.notEqual(one, two);
    const { memory, passes, lanes } = ARGON2_COST;
    assert.ok(one.startsWith(`$argon2id$v=19$m=${memory},t=${passes},p=${lanes}$`));
    assert.ok(memory >= 19_456 && passes >= 2, "what OWASP asks for");
    assert.equal(await hasher.verify("pa\u0308ssword", one), true);
    assert.equal(hasher.isCurrent(one), true);
    assert.equal(hasher.isCurrent(FOREIGN), false);
    assert.equal(hasher.isCurrent(await cheap.hash("x")), false);
  });

  it("keeps the event loop free while it works", async () => {
    let turns = 0;
    let isDone = false;
    const work = hasher.hash("password").then(() => {
      isDone = true;
    });
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    await work;
    assert.ok(turns > 1, "others had their turns");
  });

  it("takes so many at once and has so many wait, and refuses one more", async () => {
    const most = HASHES_AT_ONCE + HASHES_WAITING_MAX;
    const all = Array.from({ length: most + 3 }, () =>
      cheap.hash("x").then(
        () => "done",
        (error: unknown) => (isOrreryError(error) ? error.code : "?"),
      ),
    );
    const ends = await Promise.all(all);
    assert.equal(ends.filter((end) => end === "done").length, most);
    assert.deepEqual(ends.slice(most), Array(3).fill("resource_exhausted"));
    assert.equal(await cheap.verify("x", await cheap.hash("x")), true);
  });

  it("says so where what was kept is no hash", async () => {
    for (const hash of ["", "password", FOREIGN.replace("argon2id", "argon2d"), FOREIGN.slice(0, 40)])
      await assert.rejects(cheap.verify("x", hash), /Cannot check a password: what is kept of it is no hash/);
  });
});
