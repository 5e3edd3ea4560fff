import assert from "node:assert/strict";
import { chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { makeFolder } from "../testing/make-folder.ts";
import { createPublisherKey, isSignedBy, openPublisherKey } from "./system-publisher-key.ts";

describe("openPublisherKey", () => {
  it("makes a key that its owner alone can read, and finds it again", () => {
    using folder = makeFolder();
    const path = join(folder.path, "keys/publisher.pem");
    const key = openPublisherKey(path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(folder.path, "keys")), ["publisher.pem"]);
    assert.equal(openPublisherKey(path).publisher, key.publisher);
    assert.equal(Buffer.from(key.publisher, "base64").length, 32);
  });

  it("refuses a key that others may read, and a file that is none", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "key.pem");
    openPublisherKey(path);
    chmodSync(path, 0o640);
    await expectRefusal((async () => openPublisherKey(path))(), "failed_precondition", "run chmod 600 on it");
    chmodSync(path, 0o600);
    writeFileSync(path, "hello");
    await expectRefusal((async () => openPublisherKey(path))(), "data_loss", "it holds no ed25519 key");
  });
});

describe("isSignedBy", () => {
  it("tells what a publisher signed from all else", () => {
    const [ann, bob] = [createPublisherKey(), createPublisherKey()];
    const signature = ann.sign("text");
    const isSigned = (text: string, publisher: string, of: string) => isSignedBy(text, { publisher, signature: of });
    assert.equal(isSigned("text", ann.publisher, signature), true);
    assert.equal(isSigned("other", ann.publisher, signature), false);
    assert.equal(isSigned("text", bob.publisher, signature), false);
    assert.equal(isSigned("text", ann.publisher, bob.sign("text")), false);
    assert.equal(isSigned("text", ann.publisher, `${signature} `), false);
    assert.equal(isSigned("text", "", signature), false);
    assert.equal(isSigned("text", Buffer.alloc(32).toString("base64"), signature), false);
    assert.equal(isSigned("text", ann.publisher, Buffer.alloc(64).toString("base64")), false);
  });
});
