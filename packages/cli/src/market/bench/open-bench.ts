import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { type Clock, OrreryError, type Random } from "@orrery/core";
import {
  type Account,
  type AttestPolicy,
  createEvmLeaseChain,
  createEvmNode,
  type EvmNode,
  type LeaseChain,
  type Measurement,
  type MoneyMove,
  parseRecord,
  printRecord,
} from "@orrery/market";
import {
  type AnvilMark,
  type BenchChain,
  type BenchClock,
  createBenchClock,
  endAnvil,
  type LocalAccount,
  startBenchChain,
} from "@orrery/market/bench";
import { lockFolder } from "@orrery/mesh/supervise";
import { readJson, writeJson } from "../../environments/config-folder.ts";
import { BENCH_PROVIDERS_MAX } from "../limits.ts";
import { MARKET_FILE, type MarketFile } from "../market-file.ts";
import { measureOwnBase } from "../own-base.ts";
import type { BenchProviderStatus, BenchStatus } from "./bench-client.ts";
import { openBenchDoor } from "./bench-door.ts";
import { openBenchKeys } from "./bench-keys.ts";
import { type BenchLoops, createBenchLoops } from "./bench-loops.ts";
import { type BenchProvider, openBenchProvider } from "./bench-provider.ts";
import type { BenchService } from "./bench-service.ts";
import { openBenchStore } from "./bench-store.ts";
import { createTurns, holdsOf, moveTime, startTime, type Turns } from "./bench-time.ts";
import { makeBenchWallet } from "./bench-wallet.ts";

/** What a bench is made of. */
export interface BenchOptions {
  /** All that it keeps is in it, and goes with it. */
  readonly folder: string;
  /** From 0. */
  readonly providers: number;
  /** Whether providers are in the registry on the chain. */
  readonly isRegistered: boolean;
  /** Whether time passes as it does on this machine. Default: it stands until it is moved. */
  readonly isLive?: boolean;
  /** The clock of this machine. */
  readonly real: Clock;
  readonly random: Random;
  readonly onStep: (step: string) => void;
  readonly log: (line: string) => void;
}

/** A whole market on one machine: a chain, providers, a wallet with money, and a clock that is moved by hand. */
export interface Bench extends AsyncDisposable {
  /** As commands find it. */
  readonly market: MarketFile;
  /** Account of its wallet. */
  readonly account: string;
  readonly status: () => BenchStatus;
  /** Ends where somebody asked it to. */
  readonly ended: Promise<void>;
}

/** File of its folder that has what a bench in the background says. */
export const BENCH_LOG = "log";

/** File of its folder that names the process of its chain. */
const CHAIN_FILE = "chain.json";

/** What the wallet of a bench has, and each provider, in base units of a token of 6 digits. */
const ENDOWMENT = 10_000_000_000n;

/** What all parts of a bench share. */
export interface BenchWorld {
  readonly folder: string;
  readonly chain: BenchChain;
  readonly clock: BenchClock;
  readonly loops: BenchLoops;
  /** Where artifacts are fetched from by all. */
  readonly store: Pick<BenchService, "url" | "account">;
  /** What keeps keys of artifacts. */
  readonly keyService: Pick<BenchService, "url" | "account">;
  /** What all its providers run on. */
  readonly base: readonly Measurement[];
  readonly random: Random;
  readonly real: Clock;
  readonly isLive: boolean;
  readonly log: (line: string) => void;
  /** The contracts for an account. */
  chainOf(key: LocalAccount, node?: EvmNode): LeaseChain;
}

/** Opens a bench. @throws OrreryError `failed_precondition` where one runs over the folder already; nothing is left then */
export async function openBench(options: BenchOptions): Promise<Bench> {
  const { folder, providers: count, onStep, isLive = false } = options;
  if (count > BENCH_PROVIDERS_MAX)
    throw new OrreryError(
      "invalid_argument",
      `Cannot start ${count} providers: a bench has ${BENCH_PROVIDERS_MAX} at most`,
    );
  await using stack = new AsyncDisposableStack();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  stack.use(await lockFolder(folder, { purpose: "dev", refusal: (pid) => refusalOf(folder, pid) }));
  endLeftChain(folder); // Of one that was killed, as what follows.
  clearFolder(folder, [BENCH_LOG]);
  stack.defer(() => clearFolder(folder));
  const parts = await startParts(options, stack);
  const { chain } = parts;
  const store = stack.use(await openBenchStore(parts));
  const keyService = stack.use(await openBenchKeys(parts));
  const world: BenchWorld = { ...parts, store, keyService };
  const wallet = await makeBenchWallet(folder, "wallet");
  const account = wallet.key.address.toLowerCase() as `0x${string}`;
  await chain.endow(account, ENDOWMENT);
  const providers: BenchProvider[] = [];
  for (let number = 1; number <= count; number++) {
    onStep(`starting provider-${number}`);
    const provider = await openBenchProvider(`provider-${number}`, {
      world,
      isRegistered: options.isRegistered,
      endowment: ENDOWMENT,
    });
    stack.use(provider);
    providers.push(provider);
  }
  const asked = Promise.withResolvers<void>();
  const inTurn = createTurns();
  const control = controlOf(world, { providers, inTurn, end: asked.resolve });
  if (isLive) stack.defer(startTime(world, inTurn));
  const secret = randomBytes(24).toString("base64url");
  const door = await openBenchDoor(control, secret);
  stack.defer(() => door.close());
  const market: MarketFile = {
    chain: { url: chain.url, chainId: chain.chainId, contracts: chain.contracts },
    wallet: { keystore: relative(folder, wallet.keystore), passwordFile: relative(folder, wallet.passwordFile) },
    store: { url: store.url, account: store.account },
    keyService: { url: keyService.url, account: keyService.account },
    providers: Object.fromEntries(providers.map(({ name, url }) => [name, url])),
    policy: policyOf(world),
    bench: { url: door.url, secret, pid: process.pid },
  };
  writeJson(join(folder, MARKET_FILE), market);
  const owned = stack.move();
  return {
    ...{ market, account, ended: asked.promise, status: () => statusOf(world, providers) },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The chain of a bench, and what all else there goes by. */
async function startParts(options: BenchOptions, stack: AsyncDisposableStack) {
  const { folder, real, random, onStep, log, isLive = false } = options;
  const atS = Math.floor(real.now() / 1_000);
  onStep("starting a chain");
  const measuring = measureOwnBase();
  measuring.catch(() => undefined); // It is told where it is waited for.
  const chain = await startBenchChain({ atS });
  stack.defer(() => chain.stop());
  writeJson(join(folder, CHAIN_FILE), chain.mark);
  const clock = createBenchClock({ atMs: atS * 1_000, real, isLive });
  const base = await measuring;
  return {
    ...{ folder, chain, clock, loops: createBenchLoops(clock, real), base, random, real, isLive, log },
    chainOf: (key, node = createEvmNode({ url: chain.url })) => {
      return createEvmLeaseChain({
        ...{ node, clock, key, chainId: chain.chainId, contracts: chain.contracts },
        pollMs: 200,
      });
    },
  } satisfies Omit<BenchWorld, "store" | "keyService">;
}

interface BenchControl {
  readonly providers: readonly BenchProvider[];
  readonly inTurn: Turns;
  readonly end: () => void;
}

function controlOf(world: BenchWorld, { providers, inTurn, end }: BenchControl) {
  const named = (name: unknown): BenchProvider => {
    const found = providers.find((one) => one.name === name);
    if (found !== undefined) return found;
    const known = providers.map((one) => one.name).join(", ") || "no provider";
    throw new OrreryError("not_found", `Cannot find provider "${name}": the bench has ${known}`);
  };
  return {
    status: async () => statusOf(world, providers),
    clock: ({ seconds = 0 }: Readonly<Record<string, unknown>>) => inTurn(() => moveTime(world, Number(seconds))),
    ...holdsOf(world, inTurn),
    fund: ({ account, amount }: Readonly<Record<string, unknown>>) =>
      inTurn(async () => {
        await world.chain.endow(String(account) as Account, BigInt(String(amount)));
        return {};
      }),
    kill: ({ name, dark }: Readonly<Record<string, unknown>>) =>
      inTurn(async () => {
        await named(name).kill(dark === true ? "dark" : "killed");
        return statusOf(world, providers);
      }),
    start: ({ name }: Readonly<Record<string, unknown>>) =>
      inTurn(async () => {
        await named(name).start();
        return statusOf(world, providers);
      }),
    operate: async ({ name, act }: Readonly<Record<string, unknown>>) => ({
      overview: printRecord(await named(name).operate(String(act))),
    }),
    money: async ({ name, move }: Readonly<Record<string, unknown>>) => ({
      moved: String(await named(name).moveMoney(parseRecord<MoneyMove>(String(move), "a move of money"))),
    }),
    down: async () => {
      end();
      return {};
    },
  };
}

/** What commands take as proof: nothing that proves anything, of providers that run this release on this Node. */
function policyOf({ base }: BenchWorld): AttestPolicy {
  const digests = Object.fromEntries(base.map(({ name, digest }) => [name, [digest]]));
  return { kinds: ["none"], issuers: [], base: digests, maxAgeS: 600 };
}

function statusOf({ clock, store, keyService, isLive }: BenchWorld, providers: readonly BenchProvider[]): BenchStatus {
  const rows = providers.map(({ name, url, gateway, account, state }): BenchProviderStatus => {
    return { name, url, gateway, account, state: state() };
  });
  return { nowMs: clock.now(), isLive, store: store.url, keyService: keyService.url, providers: rows };
}

/**
 * Ends what a bench left running that was killed, and has commands not find it any more; its files go with the next one.
 * @throws OrreryError `failed_precondition` where one runs there
 */
export async function endLeftBench(folder: string): Promise<void> {
  using _lock = await lockFolder(folder, { purpose: "dev", refusal: (pid) => refusalOf(folder, pid) });
  endLeftChain(folder);
  for (const name of [MARKET_FILE, CHAIN_FILE]) rmSync(join(folder, name), { force: true });
}

function endLeftChain(folder: string): void {
  const mark = readJson(join(folder, CHAIN_FILE)) as Partial<AnvilMark> | undefined;
  if (typeof mark?.pid === "number" && Array.isArray(mark.words)) endAnvil({ pid: mark.pid, words: mark.words });
}

function clearFolder(folder: string, kept: readonly string[] = []): void {
  for (const name of readdirSync(folder))
    if (!kept.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
}

function refusalOf(folder: string, pid: number | undefined): string {
  const whose = pid === undefined ? "" : `, process ${pid}`;
  return `Cannot start a bench in "${folder}": one runs there already${whose}, end it by orrery dev down`;
}
