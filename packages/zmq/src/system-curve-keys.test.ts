import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { encodeHex } from "./curve-key.ts";
import { createCurveKeys, readCurveKeys } from "./system-curve-keys.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-keys-"));
after(() => rmSync(folder, { recursive: true }));

test("createCurveKeys writes a file of its user alone, which readCurveKeys reads, and never writes over one", async () => {
  const path = join(folder, "alpha.key");
  const made = await createCurveKeys(path);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(await readCurveKeys(path), made);
  assert.match(readFileSync(path, "utf8"), new RegExp(encodeHex(made.publicKey)));
  await assert.rejects(createCurveKeys(path), {
    code: "invalid_argument",
    message: `Cannot write new keys to "${path}": it is there already, and keys are never written over`,
  });
  assert.deepEqual(await readCurveKeys(path), made);
  await assert.rejects(createCurveKeys(join(folder, "none", "a.key")), { message: /it cannot be written \(ENOENT\)$/ });
});

const SECRET = "ab".repeat(32);
for (const [what, text, mode, why] of [
  ["that others may read", SECRET, 0o640, "others may read or write it, give it mode 0600"],
  ["without a key", "# none", 0o600, "it has 0 keys, write 1"],
  ["of two keys", `${SECRET}\n${SECRET}`, 0o600, "it has 2 keys, write 1"],
  ["of something else", `# it\n${SECRET}ab`, 0o600, "line 2 is no key, write 64 letters of hex or 40 of Z85"],
  ["that is too large", "#".repeat(4097), 0o600, "it has 4097 bytes, the limit is 4096"],
] as const)
  test(`readCurveKeys refuses a file ${what}, and repeats nothing of it`, async () => {
    const path = join(folder, "bad.key");
    writeFileSync(path, text);
    chmodSync(path, mode);
    const message = `Cannot read the secret key from "${path}": ${why}`;
    await assert.rejects(readCurveKeys(path), { code: "invalid_argument", message });
  });

test("readCurveKeys refuses a folder, and a file that is not there", async () => {
  chmodSync(folder, 0o700);
  await assert.rejects(readCurveKeys(folder), {
    message: `Cannot read the secret key from "${folder}": it is no file`,
  });
  await assert.rejects(readCurveKeys(join(folder, "none")), { message: /it cannot be opened \(ENOENT\)$/ });
});
