import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { createHttpClient } from "@orrery/http";
import {
  askKey,
  createPlainAttester,
  createSealKey,
  createWalletAuthorization,
  KeyService,
  keepKey,
  openArtifactRecord,
  openKeystore,
  sealKeyOfWallet,
} from "@orrery/market";
import { type } from "../testing/memory-terminal.ts";

const clock = createSystemClock();
const random = createSystemRandom();
const MANIFEST = `0x${"7".repeat(64)}` as const;
const ABOUT = { kind: "secret", app: "shop", name: "token" } as const;

describe("orrery key serve", () => {
  const cwd = mkdtempSync(join(tmpdir(), "orrery-key-serve-"));
  const orrery = (words: string, more: object = {}) => type(words.split(" "), { cwd, env: { HOME: cwd }, ...more });
  before(async () => {
    assert.equal((await orrery("wallet new ann", { secrets: ["clockwork", "clockwork"] })).exit, 0);
  });
  after(() => rmSync(cwd, { recursive: true }));

  /** Runs a service for as long as the work takes. */
  async function served(work: (facts: Record<string, string>) => Promise<void>): Promise<void> {
    const ready = Promise.withResolvers<string>();
    let end = () => {};
    const running = orrery("key serve --port=0 --output=json", {
      onWrite: ready.resolve,
      onListening: (interrupt: () => void) => {
        end = interrupt;
      },
    });
    void running.then(({ err }) => ready.reject(new Error(err)));
    try {
      await work(JSON.parse(await ready.promise) as Record<string, string>);
    } finally {
      end();
    }
    const { exit, err } = await running;
    assert.deepEqual([exit, err], [0, "Ending the key service\n"]);
  }

  it("keeps keys over its restart, gives them by evidence, and refuses what was revoked", async () => {
    const wallet = await openKeystore(join(cwd, ".config/orrery/wallets/ann.json"), { password: "clockwork" });
    const key = await sealKeyOfWallet(wallet);
    const record = openArtifactRecord({ path: join(cwd, "artifacts.json"), key, clock, random });
    const { kept } = await record.seal(ABOUT, async () => Buffer.from("hunter2"));
    const { artifact } = kept;
    const pod = createSealKey();
    const attest = (nonce: string) => {
      const claims = { nonce, session: wallet.address, sealTo: pod.sealTo, manifest: MANIFEST, images: [] };
      const madeAt = Math.floor(clock.now() / 1_000);
      return createPlainAttester({ base: [], random }).attest({ ...claims, madeAt });
    };
    const connect = ({ url = "", account = "" }: Record<string, string>) => {
      const audience = account as `0x${string}`;
      const authorization = createWalletAuthorization(wallet, { audience, clock, random });
      const client = createHttpClient({ url, authorization });
      return { calls: client.client(KeyService), [Symbol.dispose]: () => client.close() };
    };
    const policy = {
      ...{ manifests: [MANIFEST], images: [] },
      attest: { kinds: ["none" as const], issuers: [], base: {}, maxAgeS: 60 },
    };
    const ask = { artifact, about: ABOUT, attest, key: pod };
    let sealTo: string | undefined;
    await served(async (facts) => {
      assert.equal(facts["account"], wallet.address.toLowerCase());
      assert.equal(facts["sealed"], "none");
      sealTo = facts["sealTo"];
      using service = connect(facts);
      await keepKey(service.calls, { record, artifact, policy, who: facts["url"] ?? "" });
      assert.equal((await askKey(service.calls, ask)).length, 32);
    });
    await served(async (facts) => {
      assert.equal(facts["sealTo"], sealTo);
      using service = connect(facts);
      assert.equal((await askKey(service.calls, ask)).length, 32);
      await service.calls.revoke({ artifact });
      await assert.rejects(askKey(service.calls, ask), /its owner has revoked it/);
    });
    assert.deepEqual(readdirSync(join(cwd, ".orrery/key-service")).sort(), ["keys.jsonl", "sealer", "service.key"]);
  });

  for (const [words, exit, why] of [
    ["key serve --wallet=bob", 4, /Cannot find wallet "bob"/],
    ["key serve --port=x", 2, /"x" is no port/],
    ["key serve --port=0 --tpm=swtpm:path=/none/sock", 4, /Cannot run tpm2_pcrread/],
  ] as const)
    it(`says why it cannot do ${words}`, async () => {
      const found = await orrery(words);
      assert.equal(found.exit, exit, found.err);
      assert.match(found.err, why);
    });
});
