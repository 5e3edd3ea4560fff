import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createLog, createNode, OrreryError } from "@orrery/core";
import { createHttpDoor } from "@orrery/http";
import {
  type Account,
  BlobService,
  createBlobService,
  createEvmNode,
  createLookupTexts,
  createPlainAttester,
  createProcessRuntime,
  createProvider,
  createProviderDesk,
  createWalletDoor,
  type EvmNode,
  type Intake,
  type LeaseChain,
  type Overview,
  openLeaseFolders,
  openLeaseKeeper,
  openPlainSealer,
  openPodDoor,
  openRecordFile,
  operate,
  type ProviderDesk,
  ProviderService,
} from "@orrery/market";
import type { LocalAccount } from "@orrery/market/bench";
import { createDirectoryBlobs } from "@orrery/registry/blobs";
import { ownVersion } from "../../package-file.ts";
import type { BenchProviderStatus } from "./bench-client.ts";
import { fetchFromStore } from "./bench-store.ts";
import { BENCH_CAPACITY, BENCH_DUST, BENCH_PERIODS, BENCH_PRICES, BENCH_TOKEN } from "./bench-terms.ts";
import { makeBenchWallet } from "./bench-wallet.ts";
import type { BenchWorld } from "./open-bench.ts";

/** A provider of a bench. Owns: its key, its records, and what it runs. */
export interface BenchProvider extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly gateway: string;
  readonly account: Account;
  readonly state: () => BenchProviderStatus["state"];
  /** Ends it as the end of its process does; or cuts it off: it runs on, and reaches neither the chain nor whoever asks it, nor they its pods. */
  kill(how: "killed" | "dark"): Promise<void>;
  /** Does what its operator asks for. */
  operate(act: string): Promise<Overview>;
  /** Starts it again by its records, or takes back that it was cut off; at the addresses that it had. */
  start(): Promise<void>;
}

/** How a provider of a bench begins. */
export interface BenchProviderOptions {
  readonly world: BenchWorld;
  readonly isRegistered: boolean;
  /** Base units that it gets; half of them it has at stake. */
  readonly endowment: bigint;
}

/** Makes a provider with stake, and starts it. */
export async function openBenchProvider(name: string, options: BenchProviderOptions): Promise<BenchProvider> {
  const { world, isRegistered, endowment } = options;
  const folder = join(world.folder, name);
  mkdirSync(folder, { mode: 0o700 });
  const { key } = await makeBenchWallet(folder, "wallet");
  const account = key.address.toLowerCase() as Account;
  const link = createLink(world);
  const chain = world.chainOf(key, link.node);
  await world.chain.endow(account, endowment);
  await giveStake(chain, endowment / 2n);
  let machine = await startMachine({ name, folder, key, chain, world, ports: NO_PORTS });
  const { url, gateway } = machine;
  const ports = { door: Number(new URL(url).port), gateway: Number(new URL(gateway).port) };
  if (isRegistered) await sure(chain.send({ kind: "register", url, profile: NO_PROFILE }));
  let state: BenchProviderStatus["state"] = "running";
  const stop = async () => {
    link.cut(false);
    if (state !== "killed") await machine.stop();
  };
  return {
    ...{ name, url, gateway, account, state: () => state },
    kill: async (how) => {
      if (state !== "running")
        throw new OrreryError("failed_precondition", `Cannot kill "${name}": it is ${state} already`);
      if (how === "killed") await machine.stop();
      else {
        link.cut(true);
        await machine.hide();
      }
      state = how;
    },
    operate: async (act) => {
      if (state === "killed")
        throw new OrreryError("unavailable", `Cannot reach provider "${name}": it is killed; orrery dev start ${name}`);
      return await operate(machine.desk, act);
    },
    start: async () => {
      if (state === "running") throw new OrreryError("failed_precondition", `Cannot start "${name}": it runs`);
      await stop();
      machine = await startMachine({ name, folder, key, chain, world, ports });
      state = "running";
    },
    [Symbol.asyncDispose]: stop,
  };
}

const NO_PORTS = { door: 0, gateway: 0 };
const NO_PROFILE = `0x${"0".repeat(64)}` as const;

/** A provider's way to the chain, which can be cut. */
function createLink({ chain }: BenchWorld): { readonly node: EvmNode; cut(isCut: boolean): void } {
  const real = createEvmNode({ url: chain.url });
  let isCut = false;
  return {
    node: {
      ask: (method, params) =>
        isCut ? Promise.reject(new Error("the provider is cut off")) : real.ask(method, params),
    },
    cut: (now) => {
      isCut = now;
    },
  };
}

async function giveStake(chain: LeaseChain, amount: bigint): Promise<void> {
  await sure(chain.send({ kind: "approve", amount }));
  await sure(chain.send({ kind: "deposit", account: chain.account, amount }));
  await sure(chain.send({ kind: "stake", amount }));
}

async function sure(sending: ReturnType<LeaseChain["send"]>): Promise<void> {
  const sent = await sending;
  if (sent.kind !== "mined") throw new OrreryError("internal", sent.message);
}

interface MachineOptions {
  readonly name: string;
  readonly folder: string;
  readonly key: LocalAccount;
  readonly chain: LeaseChain;
  readonly world: BenchWorld;
  readonly ports: typeof NO_PORTS;
}

/** What runs of a provider. */
interface Machine {
  readonly url: string;
  readonly gateway: string;
  readonly desk: ProviderDesk;
  /** Answers nobody any more; all else runs on. */
  hide(): Promise<void>;
  stop(): Promise<void>;
}

async function startMachine({ name, folder, key, chain, world, ports }: MachineOptions): Promise<Machine> {
  const { clock, real, random } = world;
  await using stack = new AsyncDisposableStack();
  const account = key.address.toLowerCase() as Account;
  const pods = stack.adopt(
    await createProcessRuntime({ data: join(folder, "pods"), clock: { ...real, now: () => clock.now() } }),
    (runtime) => runtime.close(),
  );
  const blobs = await createBlobService({
    blobs: createDirectoryBlobs({ folder: join(folder, "blobs"), clock }),
    clock,
  });
  const ways = await openPodDoor({
    gateway: { host: HOST, port: ports.gateway },
    ports: { host: HOST, from: 0, to: 0 },
    ...{ hosts: { free: ["*"] }, lookup: createLookupTexts(), clock: real },
  });
  const closeWays = once(() => ways.close());
  stack.defer(closeWays);
  const sealer = await openPlainSealer({ folder: join(folder, "sealer") });
  const provider = await createProvider({
    ...{ key, chain, token: world.chain.contracts.token, runtime: pods, clock, random },
    ...{ priceList: BENCH_PRICES, capacity: BENCH_CAPACITY, ways, address: HOST, version: ownVersion() },
    attester: { kind: "none", ...createPlainAttester({ base: world.base, random }) },
    folders: stack.use(await openLeaseFolders(join(folder, "leases"))),
    intake: openRecordFile<Intake>(join(folder, "intake.json")),
    sealer: {
      seal: async (plain) => Buffer.from(await sealer.seal(plain, "pod")),
      open: (sealed) => sealer.open(Buffer.from(sealed).toString(), "pod"),
    },
    artifacts: {
      stores: [world.store.url],
      read: (digest) => blobs.read(digest),
      fetch: (digest, store) => fetchFromStore(world, { digest, store }),
    },
    openKeeper: keepersOf(world),
    log: createLog({
      sink: ({ level, text, fields }) =>
        void (level === "error" && world.log(`${name}: ${text} ${JSON.stringify(fields)}`)),
      now: () => clock.now(),
    }),
  });
  stack.defer(() => provider.stop());
  const node = createNode({ components: [provider.component, blobs.component] });
  await node.start();
  stack.defer(() => node.stop({ timeoutMs: 0 }));
  const services = [ProviderService, BlobService];
  const door = createHttpDoor({ node, services, authenticate: createWalletDoor({ audience: account, clock }) });
  const url = await door.listen({ host: HOST, port: ports.door });
  const closeDoor = once(() => door.close({ timeoutMs: 0 }));
  stack.defer(closeDoor);
  const about = { runtime: pods.kind, evidence: "none", gateway: ways.gatewayUrl, token: BENCH_TOKEN };
  const desk = createProviderDesk({ provider, chain, capacity: BENCH_CAPACITY, about });
  const owned = stack.move();
  return {
    ...{ url, gateway: ways.gatewayUrl, desk },
    hide: async () => {
      await closeDoor();
      await closeWays();
    },
    stop: () => owned.disposeAsync(),
  };
}

const HOST = "127.0.0.1";

/** Opens keepers that the bench waits for whenever it moves its clock. */
function keepersOf(world: BenchWorld): typeof openLeaseKeeper {
  return async (options) => {
    const loop = world.loops.watch();
    const chain = loop.chain(options.chain);
    const keeper = await openLeaseKeeper({
      ...options,
      chain,
      clock: loop.clock,
      periods: BENCH_PERIODS,
      dust: BENCH_DUST,
    });
    const stop = keeper.stop.bind(keeper);
    return Object.assign(keeper, {
      stop: async () => {
        await stop();
        loop.end();
      },
    });
  };
}

/** Does something the first time alone. */
function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}
