import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createLog, OrreryError } from "@orrery/core";
import {
  type Account,
  createEvmNode,
  createLookupTexts,
  createPlainAttester,
  createProcessRuntime,
  type EvmNode,
  type LeaseChain,
  type MoneyMove,
  moveMoney,
  type Overview,
  openLeaseKeeper,
  openPlainSealer,
  openPodDoor,
  operate,
  type ProviderDesk,
  serveProvider,
} from "@orrery/market";
import type { LocalAccount } from "@orrery/market/bench";
import { ownVersion } from "../../package-file.ts";
import type { BenchProviderStatus } from "./bench-client.ts";
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
  /** Moves its money. @returns how much it was, in base units */
  moveMoney(move: MoneyMove): Promise<bigint>;
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
  await moveMoney(chain, { kind: "stake", amount: endowment / 2n });
  let machine = await startMachine({ name, folder, key, chain, world, ports: NO_PORTS });
  const { url, gateway } = machine;
  const ports = { door: Number(new URL(url).port), gateway: Number(new URL(gateway).port) };
  if (isRegistered) await sure(chain.send({ kind: "register", url, profile: NO_PROFILE }));
  let state: BenchProviderStatus["state"] = "running";
  const stop = async () => {
    link.cut(false);
    if (state !== "killed") await machine.stop();
  };
  const deskOf = () => {
    if (state !== "killed") return machine.desk;
    throw new OrreryError("unavailable", `Cannot reach provider "${name}": it is killed; orrery dev start ${name}`);
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
    operate: (act) => operate(deskOf(), act),
    moveMoney: (move) => deskOf().moveMoney(move),
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
  const runtime = stack.adopt(
    await createProcessRuntime({ data: join(folder, "pods"), clock: { ...real, now: () => clock.now() } }),
    (one) => one.close(),
  );
  const ways = await openPodDoor({
    gateway: { host: HOST, port: ports.gateway },
    ports: { host: HOST, from: 0, to: 0 },
    ...{ hosts: { free: ["*"] }, lookup: createLookupTexts(), clock: real },
  });
  const closeWays = once(() => ways.close());
  stack.defer(closeWays);
  const served = stack.use(
    await serveProvider({
      ...{ key, chain, token: world.chain.contracts.token, runtime, ways, clock, random, pace: real },
      ...{ priceList: BENCH_PRICES, capacity: BENCH_CAPACITY, address: HOST, version: ownVersion() },
      ...{ data: folder, stores: [world.store.url], openKeeper: keepersOf(world) },
      attester: { kind: "none", ...createPlainAttester({ base: world.base, random }) },
      sealer: await openPlainSealer({ folder: join(folder, "sealer") }),
      log: createLog({
        sink: ({ level, text, fields }) =>
          void (level === "error" && world.log(`${name}: ${text} ${JSON.stringify(fields)}`)),
        now: () => clock.now(),
      }),
      about: { gateway: ways.gatewayUrl, token: BENCH_TOKEN },
      ...{ at: { host: HOST, port: ports.door }, stopMs: 0 },
    }),
  );
  const owned = stack.move();
  return {
    ...{ url: served.url, gateway: ways.gatewayUrl, desk: served.desk },
    hide: async () => {
      await served.closeDoor();
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
