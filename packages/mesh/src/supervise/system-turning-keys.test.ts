import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { OrreryError } from "@orrery/core";
import { createCurveKeyPair, encodeHex, type KnownPeer, readCurveKeys } from "@orrery/zmq";
import { readPlacedKeys } from "../host/system-host-keys.ts";
import { openTurningKeys, type PlacedKeys, type TurningKeys } from "./system-turning-keys.ts";

describe("openTurningKeys", () => {
  const root = mkdtempSync(join(tmpdir(), "orrery-turning-keys-"));
  let made = 0;
  after(() => rmSync(root, { recursive: true }));
  const folder = () => join(root, `${made++}`);
  const allowed = ({ place }: PlacedKeys) =>
    (JSON.parse(readFileSync(place.allowFile, "utf8")) as readonly { readonly key: string }[]).map(({ key }) => key);
  const peersOf = ({ curve }: Pick<TurningKeys, "curve">) =>
    (curve.peers as () => readonly KnownPeer[])().map(({ publicKey }) => encodeHex(publicKey));

  it("lets the next key in before it is used, and refuses the one before from the turn on", async () => {
    const keys = openTurningKeys({ folder: folder(), nowMs: 1 });
    const [first, second] = [keys.now(), keys.next()];
    for (const let_in of [allowed(first), allowed(second), peersOf(keys)])
      assert.ok([first, second].every(({ place }) => let_in.includes(place.publicKey)));
    const running = await readPlacedKeys(second.place); // As a process that was started with the next one.
    keys.turn(2);
    assert.deepEqual([keys.now(), keys.drawnMs, existsSync(first.folder)], [second, 2, false]);
    for (const let_in of [allowed(second), allowed(keys.next()), peersOf(keys), peersOf({ curve: running })])
      assert.deepEqual(
        [first, second, keys.next()].map(({ place }) => let_in.includes(place.publicKey)),
        [false, true, true],
      );
  });

  it("goes on with what it drew when it is opened again", () => {
    const at = folder();
    const keys = openTurningKeys({ folder: at, nowMs: 1 });
    keys.turn(5);
    const again = openTurningKeys({ folder: at, nowMs: 9 });
    assert.deepEqual(
      [again.now(), again.next(), again.drawnMs, again.address("tcp://a:1")],
      [keys.now(), keys.next(), 5, keys.address("tcp://a:1")],
    );
  });

  it("lets a guest in until it goes, over turns, and nobody whose key is none", () => {
    const keys = openTurningKeys({ folder: folder(), nowMs: 1 });
    const guest = encodeHex(createCurveKeyPair().publicKey);
    const refuse = keys.allow(guest);
    const before = keys.publicKeys();
    keys.turn(2);
    assert.notDeepEqual(keys.publicKeys(), before, "what it is told to let in is other keys now");
    const isIn = () => [allowed(keys.now()), allowed(keys.next()), peersOf(keys)].map((one) => one.includes(guest));
    assert.deepEqual(isIn(), [true, true, true]);
    refuse();
    refuse();
    assert.deepEqual(isIn(), [false, false, false]);
    assert.throws(
      () => keys.allow("ab"),
      ({ code }: OrreryError) => code === "invalid_argument",
    );
  });

  it("keeps each secret in a file of its own that nobody else reads, and lends what processes read", async () => {
    const at = folder();
    const lent: string[] = [];
    const keys = openTurningKeys({ folder: at, nowMs: 1, lend: (file) => lent.push(file.slice(at.length)) });
    for (const { place } of [keys.now(), keys.next()]) {
      assert.equal(statSync(place.file).mode & 0o777, 0o600);
      assert.equal(encodeHex((await readCurveKeys(place.file)).publicKey), place.publicKey);
      assert.ok(!JSON.stringify(place).includes(readFileSync(place.file, "utf8").trim()));
    }
    for (const name of ["/t1", "/t1/secret.key.new", "/t1/allow.json.new", "/t2"]) assert.ok(lent.includes(name), name);
    assert.ok(!lent.some((name) => name.startsWith("/own")), "the key of the node that stays is the platform's alone");
  });
});
