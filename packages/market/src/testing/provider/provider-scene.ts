import { createHash } from "node:crypto";
import { type Client, createLog, createNode, createSystemRandom, type LogEntry, type Node } from "@orrery/core";
import type { ArtifactAbout } from "../../artifact/artifact.ts";
import { writeWrap } from "../../artifact/key-wrap.ts";
import { sealArtifact } from "../../artifact/system-artifact.ts";
import { wrapKey } from "../../artifact/system-key-wrap.ts";
import type { Evidence } from "../../attest/evidence.ts";
import { MemoryChain } from "../../chain/memory/memory-chain.ts";
import { ProviderService } from "../../gen/rpc/orrery/market/v1/provider_pb.ts";
import { openLeaseKeeper } from "../../keeper/lease-keeper.ts";
import { createMemoryRecordStore } from "../../keeper/record-store.ts";
import { NOBODY } from "../../lease/terms.ts";
import { leaseName } from "../../lease/typed-data.ts";
import type { Amounts } from "../../meter/prices.ts";
import { parsePod } from "../../pod/parse-pod.ts";
import type { SealedPod } from "../../pod/pod.ts";
import { sealPod } from "../../pod/seal-pod.ts";
import { writeSealedPod } from "../../pod/sealed-pod-json.ts";
import type { Intake } from "../../provider/intake.ts";
import { createProvider, type Provider } from "../../provider/provider.ts";
import type { ProviderOptions } from "../../provider/provider-options.ts";
import type { Quote } from "../../quote/quote.ts";
import { readQuote } from "../../quote/quote-json.ts";
import { walletAgent } from "../../wallet/wallet-door.ts";
import { addressOf, KEYS, type Party, termsOf } from "../chain/chain-harness.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import { MemoryFolders } from "./memory-folders.ts";
import { MemoryDisk, MemoryRuntime, type ProgramStart } from "./memory-runtime.ts";
import { MemoryWays } from "./memory-ways.ts";

/** An image is a text: what its program says when it starts, or why it does not. */
export function runImage(image: Uint8Array) {
  const text = new TextDecoder().decode(image);
  return ({ say, secrets, volumes, env }: ProgramStart) => {
    if (text.startsWith("broken")) throw new Error("exit 1");
    const token = secrets["token"];
    for (const files of Object.values(volumes)) files.set("starts", `${files.get("starts") ?? ""}x`);
    say(`${text} ${env["GREETING"] ?? ""}${token === undefined ? "" : ` with a secret of ${token.length}`}`);
  };
}

/** What a pod is made of in a scene, beside its file. */
export interface ScenePod {
  readonly sealed: SealedPod;
  /** Encrypted artifacts, by what they are of, with their keys. */
  readonly artifacts: readonly {
    readonly about: ArtifactAbout;
    readonly digest: string;
    readonly bytes: Uint8Array;
    readonly key: Uint8Array;
  }[];
}

/** Terms of all quotes of the scene. */
const {
  provider: _p,
  publisher: _q,
  manifest: _m,
  policy: _o,
  rate: _r,
  usageCap: _u,
  bond: _b,
  expires: _e,
  nonce: _n,
  ...CONDITIONS
} = termsOf(1, 0);

const random = createSystemRandom();

/** A provider in memory, publishers with money, and what they do. */
export class ProviderScene {
  readonly clock: ManualClock = createManualClock(2_000_000_000_000);
  readonly chain = new MemoryChain({ clock: this.clock });
  readonly disk = new MemoryDisk();
  readonly folders = new MemoryFolders();
  readonly intake = createMemoryRecordStore<Intake>();
  readonly blobs = new Map<string, Uint8Array>();
  readonly log: LogEntry[] = [];
  capacity: Amounts = { cpu: 4_000n, memory: 4_096n, storage: 10_240n, ip: 0n, gpu: 0n };
  runtime!: MemoryRuntime;
  ways!: MemoryWays;
  provider!: Provider;
  node!: Node;

  static async open(change: Partial<ProviderOptions> = {}): Promise<ProviderScene> {
    const scene = new ProviderScene();
    for (const party of ["publisher", "provider", "stranger"] as const) {
      scene.chain.mint(addressOf(party), 1_000_000_000n);
      const chain = scene.chain.connect(addressOf(party));
      await chain.send({ kind: "approve", amount: 1_000_000_000n });
      await chain.send({ kind: "deposit", account: addressOf(party), amount: 500_000_000n });
    }
    await scene.chain.connect(addressOf("provider")).send({ kind: "stake", amount: 100_000_000n });
    await scene.start(change);
    return scene;
  }

  /** Starts the provider, as its process does. */
  async start(change: Partial<ProviderOptions> = {}): Promise<void> {
    const { clock, folders, disk, blobs } = this;
    this.runtime = new MemoryRuntime({ clock, disk, program: runImage });
    this.ways = new MemoryWays();
    const mask = (bytes: Uint8Array) => bytes.map((one) => one ^ 0x5a);
    this.provider = await createProvider({
      ...{
        key: KEYS.provider,
        chain: this.chain.connect(addressOf("provider")),
        token: NOBODY,
        capacity: this.capacity,
      },
      priceList: {
        prices: { cpu: 1_000_000n, memory: 1_000_000n, storage: 1_000n, egress: 1_000n, ingress: 0n },
        bondS: 100,
        validS: 600,
        conditions: CONDITIONS,
      },
      ...{ runtime: this.runtime, folders, ways: this.ways, openKeeper: openLeaseKeeper, clock, random },
      attester: { kind: "none", attest: async (claims) => evidenceOf(claims) },
      intake: this.intake,
      sealer: { seal: async (plain) => mask(plain), open: async (sealed) => mask(sealed) },
      artifacts: {
        stores: [],
        read: async (digest) => blobs.get(digest),
        fetch: () => Promise.reject(new Error("no store")),
      },
      log: createLog({ sink: (entry) => void this.log.push(entry), now: () => clock.now() }),
      ...{ version: "0.1.0", address: "provider.test" },
      ...change,
    });
    this.node = createNode({ components: [this.provider.component] });
    await this.node.start();
  }

  /** Ends the provider, as the end of its process does; nothing is said to anybody. */
  async stop(): Promise<void> {
    await this.node.stop({ timeoutMs: 0 });
    await this.clock.settle(this.provider.stop());
  }

  /** The service as a wallet asks it, or nobody. */
  as(party: Party | "nobody"): Client<typeof ProviderService> {
    const agent = party === "nobody" ? "anonymous" : walletAgent(addressOf(party));
    const client = this.node.client(ProviderService) as unknown as Record<
      string,
      (request: unknown, options: object) => unknown
    >;
    const calls = Object.keys(ProviderService.method).map(
      (name) => [name, (request: unknown, options = {}) => client[name]?.(request, { agent, ...options })] as const,
    );
    return Object.fromEntries(calls) as unknown as Client<typeof ProviderService>;
  }

  /** Seals a pod whose images are texts by container, and puts its artifacts in the provider's store. */
  async pod(file: string, texts: Readonly<Record<string, string>> = {}): Promise<ScenePod> {
    const pod = parsePod(file, { file: "pod.yaml" });
    const made = async (about: ArtifactAbout, text: string) => {
      const key = createHash("sha256")
        .update(`${JSON.stringify(about)}${text}`)
        .digest();
      const sealed = await sealArtifact(new TextEncoder().encode(text), { key, about });
      this.blobs.set(sealed.digest, sealed.bytes);
      return { about, key, ...sealed };
    };
    const textOf = (name: string) => texts[name] ?? "hello from";
    const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
    const images = Object.fromEntries(pod.containers.map(({ name }) => [name, digestOf(textOf(name))]));
    const ofImages = await Promise.all(
      pod.containers.map(({ name }) => made({ kind: "image", app: pod.name, name: images[name] ?? "" }, textOf(name))),
    );
    const ofSecrets = await Promise.all(
      pod.secrets.map(({ name }) => made({ kind: "secret", app: pod.name, name }, texts[name] ?? "hunter2")),
    );
    const secrets = Object.fromEntries(ofSecrets.map(({ about, digest }) => [about.name, digest]));
    return { sealed: sealPod(pod, { images, secrets }), artifacts: [...ofImages, ...ofSecrets] };
  }

  /** Keys of a pod's artifacts, wrapped for whom evidence names. */
  async keysFor({ artifacts }: ScenePod, sealTo: string) {
    return await Promise.all(
      artifacts.map(async ({ about, digest: artifact, key }) => ({
        artifact,
        wrap: writeWrap(await wrapKey(key, { to: sealTo, context: { artifact, about, purpose: "run" } })),
        stores: [] as string[],
      })),
    );
  }

  /** Asks for a quote with evidence. */
  async quote(
    pod: ScenePod,
    party: Party = "publisher",
  ): Promise<{ readonly quote: Quote; readonly text: string; readonly evidence: Evidence }> {
    const asked = { pod: writeSealedPod(pod.sealed), publisher: addressOf(party), policy: "", nonce: "n1" };
    const { quote, evidence } = await this.as("nobody").quote(asked);
    return { quote: readQuote(quote), text: quote, evidence: JSON.parse(evidence) as Evidence };
  }

  /** Opens a lease by a quote. */
  async lease(quote: Quote, party: Party = "publisher", amount = 1_000_000n) {
    const { terms, signature } = quote;
    const sent = await this.chain
      .connect(addressOf(party))
      .send({ kind: "open", terms, quote: signature, payer: addressOf(party), amount });
    if (sent.kind !== "mined") throw new Error(sent.message);
    return leaseName(terms);
  }

  /** Quotes, opens a lease and deploys. */
  async deploy(pod: ScenePod, party: Party = "publisher", amount?: bigint) {
    const { quote, text, evidence } = await this.quote(pod, party);
    const lease = await this.lease(quote, party, amount);
    const request = {
      quote: text,
      pod: writeSealedPod(pod.sealed),
      keys: await this.keysFor(pod, evidence.claims.sealTo),
    };
    const { pod: status } = await this.as(party).deploy(request);
    return { lease, request, status, evidence, quote };
  }
}

function evidenceOf(claims: Evidence["claims"]): Evidence {
  return {
    kind: "none",
    claims,
    measurements: [],
    pod: { index: 0, salt: "" },
    quote: "",
    signature: "",
    certificates: [],
  };
}

/** Opens scenes, and stops all of them. */
export function openScenes() {
  const scenes: ProviderScene[] = [];
  return {
    open: async () => {
      const scene = await ProviderScene.open();
      scenes.push(scene);
      return scene;
    },
    stop: () => Promise.all(scenes.map((scene) => scene.stop())),
  };
}
