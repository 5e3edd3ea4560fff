import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSystemClock, createSystemRandom, discardLog, isOrreryError } from "@orrery/core";
import { createHttpClient } from "@orrery/http";
import { writeWrap } from "../artifact/key-wrap.ts";
import { sealArtifact } from "../artifact/system-artifact.ts";
import { wrapKey } from "../artifact/system-key-wrap.ts";
import type { Evidence } from "../attest/evidence.ts";
import { createBlobClient } from "../blobs/blob-client.ts";
import { BlobService } from "../gen/rpc/orrery/market/v1/blobs_pb.ts";
import { ProviderService } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import { packFolder } from "../image/pack-folder.ts";
import { leaseName } from "../lease/typed-data.ts";
import { parsePod } from "../pod/parse-pod.ts";
import { sealPod } from "../pod/seal-pod.ts";
import { writeSealedPod } from "../pod/sealed-pod-json.ts";
import { readQuote } from "../quote/quote-json.ts";
import { addressOf, KEYS, type Party } from "../testing/chain/chain-harness.ts";
import { type EvmHarness, openEvmHarness } from "../testing/chain/evm-harness.ts";
import { createWalletAuthorization } from "../wallet/wallet-authorization.ts";
import { newProviderConfig } from "./config/new-config.ts";
import { parseProviderConfig } from "./config/provider-config.ts";
import { type OpenedProvider, openProvider } from "./system-open-provider.ts";

const POD = `name: hello
containers:
  web:
    image: ./web
    ports: [{ port: 8080, host: hello.test }, { port: 7000 }]
    env: { GREETING: hi }
    volumes: { data: /data }
    secrets: { token: /run/secrets/token }
    health: { path: / }
volumes: { data: 64MiB }
secrets: { token: ./token.txt }
`;
const SECRET = "correct horse battery staple";

const clock = createSystemClock();
const random = createSystemRandom();

/** On a real EVM node, with cages, sockets and files. As an unprivileged user, without cages, pods cannot run. */
const BASE = [{ kind: "base", name: "command", digest: "1".repeat(64) }] as const;

describe("openProvider", { skip: process.getuid?.() !== 0 && "pods get networks of their own as root alone" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-provider-"));
  let evm: EvmHarness;
  let opened: OpenedProvider;
  let lease = "";
  const open = () => {
    const text = newProviderConfig({
      address: "127.0.0.1",
      chain: {
        url: evm.bench.chain.url,
        id: evm.bench.chainId,
        leases: evm.bench.contract,
        token: evm.bench.coin,
        registry: evm.bench.registry,
        decimals: 0,
      },
      ...{ cores: 2, memoryMiB: 1_024 },
    })
      .replace(/# listen:.*/, 'listen: { api: "127.0.0.1:0", gateway: "127.0.0.1:0", admin: "127.0.0.1:0" }')
      .replace(/# ports:.*/, "ports: 0-0")
      .replace(/# freeHosts:.*/, "freeHosts: [test]")
      .replace("# terms:", "terms: { bond: 1s, challengeBond: 0 }");
    const config = parseProviderConfig(text, { file: "provider.yaml" });
    const own = { key: KEYS.provider, version: "0.1.0", base: BASE };
    return openProvider({ config, folder, clock, random, log: discardLog, ...own });
  };
  const as = (party: Party) => {
    const authorization = createWalletAuthorization(KEYS[party], { audience: addressOf("provider"), clock, random });
    return createHttpClient({ url: opened.url, authorization });
  };
  const get = (path: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const asked = request(
        `${opened.gateway}${path}`,
        { headers: { host: "hello.test" }, agent: false },
        async (answer) => {
          let text = "";
          for await (const part of answer.setEncoding("utf8")) text += part;
          resolve({ status: answer.statusCode ?? 0, text });
        },
      );
      asked.on("error", reject).end();
    });

  before(async () => {
    evm = await openEvmHarness();
    for (const party of ["publisher", "provider"] as const) {
      const chain = evm.chainOf(party);
      await chain.send({ kind: "deposit", account: addressOf(party), amount: 500_000n });
      if (party === "provider") await chain.send({ kind: "stake", amount: 400_000n });
    }
    opened = await open();
  });
  after(async () => {
    await opened?.[Symbol.asyncDispose]();
    await evm?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs a pod of a publisher that knows its URL alone: uploaded, quoted, leased, deployed and reached", async () => {
    const client = as("publisher");
    const provider = client.client(ProviderService);
    const blobs = createBlobClient({ calls: client.client(BlobService), clock });
    const pod = parsePod(POD, { file: "pod.yaml" });
    const image = await packFolder(join(import.meta.dirname, "../testing/pod-program"));
    const abouts = [
      { about: { kind: "image", app: "hello", name: image.digest } as const, plain: image.archive },
      { about: { kind: "secret", app: "hello", name: "token" } as const, plain: new TextEncoder().encode(SECRET) },
    ];
    const made = await Promise.all(
      abouts.map(async ({ about, plain }) => {
        const key = random.bytes(32);
        const { digest, bytes } = await sealArtifact(plain, { key, about });
        await blobs.put(digest, bytes);
        return { about, key, digest };
      }),
    );
    const sealed = sealPod(pod, { images: { web: image.digest }, secrets: { token: made[1]?.digest ?? "" } });
    const asked = { pod: writeSealedPod(sealed), publisher: addressOf("publisher"), nonce: "n1" };
    const { quote: text, evidence } = await provider.quote(asked);
    const quote = readQuote(text);
    const { claims, measurements } = JSON.parse(evidence) as Evidence;
    assert.deepEqual(measurements.slice(0, 1), BASE, "what it runs on is in its evidence");
    const { sealTo } = claims;
    const { terms, signature } = quote;
    const sent = await evm
      .chainOf("publisher")
      .send({ kind: "open", terms, quote: signature, payer: addressOf("publisher"), amount: 10_000n });
    assert.equal(
      sent.kind,
      "mined",
      JSON.stringify(sent, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
    );
    lease = leaseName(terms);
    const keys = await Promise.all(
      made.map(async ({ about, key, digest: artifact }) => ({
        artifact,
        wrap: writeWrap(await wrapKey(key, { to: sealTo, context: { artifact, about, purpose: "run" } })),
      })),
    );
    const { pod: status } = await provider.deploy({ quote: text, pod: asked.pod, keys });
    assert.deepEqual([status?.state, status?.leaseStage, status?.healthy], ["running", "Active", true]);
    assert.deepEqual(await get("/"), { status: 200, text: "hi" });
    assert.deepEqual(await get("/read?file=/run/secrets/token"), { status: 200, text: SECRET });
    assert.equal((await get("/write?file=/data/note&text=kept")).status, 200);
    client.close();
  });

  it("tells another wallet nothing of it, and takes no token twice", async () => {
    const stranger = as("stranger");
    await assert.rejects(stranger.client(ProviderService).getPod({ lease }), { code: "permission_denied" });
    stranger.close();
    const path = "/orrery.market.v1.ProviderService/ListPods";
    const sign = createWalletAuthorization(KEYS.publisher, { audience: addressOf("provider"), clock, random });
    const authorization = (await sign(undefined, { path })) ?? "";
    const ask = () =>
      fetch(`${opened.url}${path}`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: "{}",
      });
    assert.equal((await ask()).status, 200);
    const again = await ask();
    assert.equal(again.status, 401);
    assert.match(await again.text(), /it was taken before/);
  });

  it("finds its pods again by itself when it is started anew, with what their volumes have", async () => {
    await opened[Symbol.asyncDispose]();
    opened = await open();
    assert.deepEqual(await get("/read?file=/data/note"), { status: 200, text: "kept" });
    assert.deepEqual(await get("/read?file=/run/secrets/token"), { status: 200, text: SECRET });
    const client = as("publisher");
    const { pod } = await client.client(ProviderService).getPod({ lease });
    assert.deepEqual([pod?.name, pod?.state, pod?.leaseStage], ["hello", "running", "Active"]);
    const { events } = await client.client(ProviderService).listEvents({ lease });
    assert.deepEqual([events[0]?.kind, events.at(-1)?.kind], ["deploying", "recovered"]);
    client.close();
  });

  it("ends a pod for its publisher: its host leads nowhere then", async () => {
    const client = as("publisher");
    const provider = client.client(ProviderService);
    await provider.delete({ lease });
    assert.equal((await get("/")).status, 404);
    await assert.rejects(
      provider.restart({ lease }),
      (error: unknown) => isOrreryError(error) && error.code === "failed_precondition",
    );
    client.close();
  });
});
