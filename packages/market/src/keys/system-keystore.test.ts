import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import { createKeystore, openKeystore } from "./system-keystore.ts";

/** Made by ethers 6 from the key below. */
const VECTOR = {
  Crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "b5a0c1c8b48ce0cf4acc89c55c2916bd" },
    ciphertext: "aea83f058b45d75e84b0e3f182e4a76a04e00d37062b785904ae41e748fb9f00",
    kdf: "scrypt",
    kdfparams: {
      salt: "042d268925c6379793b611a006f605129463ca71e6e7787c33b0d8c1cc324146",
      n: 4_096,
      dklen: 32,
      p: 1,
      r: 8,
    },
    mac: "82ffe4d01f1875688c7c37234b8803446bb3c77a79107a84f6c96f01cd3bcdd3",
  },
  version: 3,
};
const VECTOR_KEY = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

describe("openKeystore", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "orrery-keys-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("opens what createKeystore made, in a file that only its user reads and that is not made anew", async () => {
    const path = join(folder, "own");
    const made = await createKeystore(path, { password: "a word", rounds: 4_096 });
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await openKeystore(path, { password: "a word" })).address, made.address);
    const text = await readFile(path, "utf8");
    await assert.rejects(createKeystore(path, { password: "other" }), { code: "already_exists" });
    assert.equal(await readFile(path, "utf8"), text);
    const refused = { code: "permission_denied", message: `Cannot open keystore "${path}": the password is wrong` };
    await assert.rejects(openKeystore(path, { password: "a wrong word" }), refused);
    await chmod(path, 0o644);
    await assert.rejects(openKeystore(path, { password: "a word" }), {
      message: /others may read it, it has mode 644/,
    });
  });

  it("opens what other tools made", async () => {
    const path = join(folder, "vector");
    await writeFile(path, JSON.stringify(VECTOR), { mode: 0o600 });
    const account = await openKeystore(path, { password: "testpassword" });
    assert.equal(account.address, privateKeyToAccount(VECTOR_KEY).address);
  });

  for (const [what, text, message] of [
    ["is no JSON", "key", /^Cannot open keystore ".+bad": /],
    ["is of another kind", JSON.stringify({ ...VECTOR, version: 1 }), /it is not version 3 with scrypt$/],
    [
      "would use up the machine",
      JSON.stringify({
        ...VECTOR,
        Crypto: { ...VECTOR.Crypto, kdfparams: { ...VECTOR.Crypto.kdfparams, n: 2 ** 30 } },
      }),
      /its key costs more than this program spends$/,
    ],
  ] as const)
    it(`refuses a file that ${what}`, async () => {
      const path = join(folder, "bad");
      await writeFile(path, text, { mode: 0o600 });
      await assert.rejects(openKeystore(path, { password: "testpassword" }), { code: "data_loss", message });
    });

  it("says which file is not there", async () => {
    const path = join(folder, "none");
    await assert.rejects(openKeystore(path, { password: "" }), {
      code: "not_found",
      message: `Cannot open keystore "${path}": ENOENT`,
    });
  });
});
