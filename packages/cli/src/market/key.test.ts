import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { createHttpClient } from "@orrery/http";
import {
  askKey,
  createKeystore,
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

describe("orrery key", () => {
  const cwd = mkdtempSync(join(tmpdir(), "orrery-key-serve-"));
  const orrery = (words: string, more: object = {}) => type(words.split(" "), { cwd, env: { HOME: cwd }, ...more });
  before(async () => {
    mkdirSync(join(cwd, ".config/orrery/wallets"), { recursive: true });
    const rounds = 2; // Else each password costs a second.
    await createKeystore(join(cwd, ".config/orrery/wallets/ann.json"), { password: "clockwork", rounds });
  });
  after(() => rmSync(cwd, { recursive: true }));

  /** Runs a service for as long as the work takes. */
  async function served(port: string, work: (facts: Record<string, string>) => Promise<void>): Promise<void> {
    const ready = Promise.withResolvers<string>();
    let end = () => {};
    const running = orrery(`key serve --port=${port} --output=json`, {
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

  it("serves keys over its restart by evidence, tells what became of them, and revokes and renews them", async () => {
    const wallet = await openKeystore(join(cwd, ".config/orrery/wallets/ann.json"), { password: "clockwork" });
    const key = await sealKeyOfWallet(wallet);
    const own = join(cwd, ".config/orrery/publisher", wallet.address.toLowerCase());
    const record = openArtifactRecord({ path: join(own, "artifacts.json"), key, clock, random });
    await record.seal({ ...ABOUT, app: "other" }, async () => Buffer.from("hunter2"));
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
    let port = "";
    await served("0", async (facts) => {
      assert.equal(facts["account"], wallet.address.toLowerCase());
      assert.equal(facts["sealed"], "none");
      sealTo = facts["sealTo"];
      port = new URL(facts["url"] ?? "").port;
      using service = connect(facts);
      await keepKey(service.calls, { record, artifact, policy, who: facts["url"] ?? "" });
      assert.equal((await askKey(service.calls, ask)).length, 32);
    });
    await served(port, async (facts) => {
      assert.equal(facts["sealTo"], sealTo);
      using service = connect(facts);
      assert.equal((await askKey(service.calls, ask)).length, 32);
      const asked = await orrery("key audit shop/token", { secrets: ["clockwork"] });
      assert.match(
        asked.out,
        /Z {2}released {2}to [0-9a-f]{64} for pod 0x7+, by evidence of kind none\n.*Z {2}released .*\n.* put /s,
      );
      const revoked = await orrery(`key revoke ${artifact.slice(7, 20)}`, { secrets: ["clockwork"] });
      assert.equal(revoked.exit, 0, revoked.err);
      assert.equal(
        revoked.out,
        `Revoked the key of secret "token" of pod "shop", ${artifact}\n${facts["url"]} gives it to nobody\n`,
      );
      await assert.rejects(askKey(service.calls, ask), /its owner has revoked it/);
    });
    const listed = async () =>
      JSON.parse((await orrery("key ls --output=json")).out) as { artifacts: { state: string }[] };
    assert.deepEqual(
      (await listed()).artifacts.map(({ state }) => state),
      ["good", "revoked"],
    );
    const seal = () => record.seal(ABOUT, async () => Buffer.from("hunter2"));
    await assert.rejects(seal(), /"orrery key renew sha256:/, "a redeploy fails");
    assert.equal((await orrery("key renew shop")).exit, 0);
    assert.equal((await seal()).isNew, true);
    assert.match(
      (await orrery("key ls")).out,
      /^shop +secret +token +sha256:\S+ +renewed .*\n^shop +secret +token +sha256:\S+ +good/m,
    );
    assert.match((await orrery("key renew shop")).err, /none of it is revoked/);
    assert.deepEqual(readdirSync(join(cwd, ".orrery/key-service")).sort(), ["keys.jsonl", "sealer", "service.key"]);
  });

  for (const [words, exit, why] of [
    ["key revoke nothing", 4, /there is none, name a digest, a pod, or POD\/NAME\nTry: orrery key ls/],
    ["key ls --record=none.json", 4, /there is no ".*none\.json"/],
    ["key audit other", 2, /none was given it, name --service/],
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
