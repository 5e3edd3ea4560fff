import type { Clock, Random } from "@orrery/core";
import { bytesToHex, type LocalAccount } from "viem";
import type { ArtifactRecord } from "../artifact/artifact-record.ts";
import type { AttestPolicy } from "../attest/evidence.ts";
import { policyDigest } from "../attest/policy-digest.ts";
import type { SignatureChecks } from "../attest/verify-evidence.ts";
import type { PlainLeaseCall } from "../chain/calls.ts";
import type { LeaseChain, Sent } from "../chain/lease-chain.ts";
import type { PodStatus } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import type { PackedImage } from "../image/make-archive.ts";
import type { LeaseFollower } from "../keeper/lease-follower.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import type { Account } from "../lease/terms.ts";
import type { ImageName, Pod } from "../pod/pod.ts";
import type { PodChange } from "../provider/plan-update.ts";
import { readQuote } from "../quote/quote-json.ts";
import { type AskedQuote, askQuote } from "./ask-quote.ts";
import { type Deployed, type DeployWish, type DeployWorld, deployPod, openLease, resumeDeploy } from "./deploy-pod.ts";
import { type EndWorld, endLease, markEnded, settleLease } from "./end-lease.ts";
import { findLease } from "./find-lease.ts";
import { type FollowWish, followLease } from "./follow-lease.ts";
import { allowPods, keepKeys, leavePods, openKeyPlace } from "./keep-keys.ts";
import type { LeaseRecord, LeaseRecords } from "./lease-record.ts";
import { coverBalance, readChain, sendOrThrow } from "./money.ts";
import { type PreparedPod, preparePod } from "./prepare-pod.ts";
import { type LeaseMoney, moneyOf, readLedgerHead } from "./read-claim.ts";
import { askHost } from "./system-ask-host.ts";
import { openProviderDoor, openStoreFor, type ProviderDoor, type StorePlace } from "./system-provider-door.ts";
import { planPod, updatePod } from "./update-pod.ts";
import { type Uploaded, uploadArtifacts } from "./upload-pod.ts";

/** What a publisher works with. */
export interface PublisherOptions {
  /** Signs calls of the chain, tokens and vouchers. */
  readonly key: LocalAccount;
  /** The contracts, as that account uses them. */
  readonly chain: LeaseChain;
  /** Where records of leases are kept. */
  readonly records: LeaseRecords;
  /** What was sealed so far. */
  readonly artifacts: ArtifactRecord;
  /** What is taken as proof of where a pod would run. */
  readonly policy: AttestPolicy;
  /** How certificates and signatures in evidence are looked at. */
  readonly signatures: SignatureChecks;
  /** Where artifacts are sent for providers that fetch from it. Default: to each provider's own store. */
  readonly store?: StorePlace;
  /** Keeps keys of artifacts in this publisher's place, for pods that it deployed. Default: none does. */
  readonly keyService?: StorePlace;
  /** What time it is for quotes, evidence and tokens, and how time passes. */
  readonly clock: Clock;
  /** Must be fit for secrets. */
  readonly random: Random;
  /** Makes an image of a folder. */
  readonly pack: (folder: string, options: { readonly leaveOut: readonly string[] }) => Promise<PackedImage>;
  /** Fetches an image from a registry. */
  readonly fetch: (image: ImageName) => Promise<PackedImage>;
  /** Told what is done, for people. Default: nobody. */
  readonly onStep?: (step: string) => void;
}

/** What an update may do. */
export interface UpdateWish {
  /** Volumes whose content may go. Default: none. */
  readonly deleteVolumes?: readonly string[];
}

/** A lease, by the publisher's record and by the chain. */
export interface PublisherLease {
  readonly record: LeaseRecord;
  readonly state: LeaseState;
  readonly money: LeaseMoney;
  /** Why the provider's ledger was not read, so that `money` is of what was known before; undefined where it was. */
  readonly unread: string | undefined;
}

/**
 * Rents capacity for pods: asks for prices, sends images and secrets, opens leases, deploys, and ends. It is what the commands are made of. Owns nothing that runs, but
 * `follow`: each call begins and ends by itself, and goes on by the records where one before was cut off.
 */
export interface Publisher {
  readonly account: Account;
  /** Seals images and secrets of a pod. Nothing leaves this machine. */
  prepare(pod: Pod, folder: string): Promise<PreparedPod>;
  /** Opens the door of a provider. */
  open(url: string, account?: Account): Promise<ProviderDoor>;
  /** A price and evidence, with every fault. It moves no money. @param nonce default: by chance */
  quote(prepared: PreparedPod, door: ProviderDoor, nonce?: string): Promise<AskedQuote>;
  /** Sends what is missing to the store, or where the provider does not fetch from it to the provider; and keys to the key service. */
  upload(prepared: PreparedPod, door: ProviderDoor): Promise<Uploaded>;
  /** Pays for a pod and has it run. @throws OrreryError with the money back, where it does not */
  deploy(prepared: PreparedPod, wish: DeployWish): Promise<Deployed>;
  /** Pays for a pod and runs nothing yet: `resume` does. */
  openLease(prepared: PreparedPod, wish: DeployWish): Promise<LeaseRecord>;
  /** Goes on with a deployment that was cut off; undefined where no money was put in. */
  resume(record: LeaseRecord): Promise<Deployed | undefined>;
  /** The lease of a pod of that name at a provider that is not over: it runs, or its deployment was cut off. */
  before(pod: string, provider: Account): Promise<LeaseRecord | undefined>;
  /** What an update of a pod that runs would change. Nothing is sent. @throws OrreryError where volumes would go that are not named */
  plan(record: LeaseRecord, prepared: PreparedPod, wish?: UpdateWish): Promise<readonly PodChange[]>;
  /** Changes a pod that runs: sends what the provider does not have, and keys. One that fails leaves what ran. */
  update(record: LeaseRecord, prepared: PreparedPod, wish?: UpdateWish): Promise<PodStatus>;
  /** Records of leases, the oldest first. */
  leases(): Promise<readonly LeaseRecord[]>;
  /** The lease that words mean: its name, the beginning of it, or a pod, of a provider where there are several. @throws OrreryError `not_found` */
  find(said: string, provider?: string): Promise<LeaseRecord>;
  /** Opens the door of the provider that a lease is with. */
  openFor(record: LeaseRecord): Promise<ProviderDoor>;
  /** Puts more money into a lease; what its account in the contract lacks comes from the wallet. */
  fund(record: LeaseRecord, amount: bigint): Promise<void>;
  /** Makes a call about a lease; for a challenge, with its bond. */
  act(record: LeaseRecord, kind: PlainLeaseCall): Promise<Extract<Sent, { kind: "mined" }>>;
  /** Follows a lease until it is over or somebody stops: agrees, signs vouchers, puts money in, challenges a provider that is dark or claims falsely. */
  follow(record: LeaseRecord, wish: FollowWish): Promise<LeaseFollower>;
  /** Ends a pod at its provider for good, with its volumes, and then its lease. @returns as `end` */
  delete(record: LeaseRecord): Promise<number>;
  /** Ends a lease: at once where nothing runs by it yet, else by notice. @returns when it can be settled, seconds since 1970; 0 where it is over */
  end(record: LeaseRecord): Promise<number>;
  /**
   * Settles a lease that is over; a challenge that was not answered is told first.
   * @returns when it can be settled, seconds since 1970; 0 where it is settled
   */
  settle(record: LeaseRecord): Promise<number>;
  /** Base units that the contract holds for this account, outside of leases. */
  held(): Promise<bigint>;
  /** Has what the contract holds for this account leave to the wallet. @returns how much that was */
  withdraw(): Promise<bigint>;
  /** How leases stand, all that are not over by default. */
  look(records?: readonly LeaseRecord[]): Promise<readonly PublisherLease[]>;
}

/** Makes a publisher. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { key, chain, records, artifacts, policy, signatures, clock, random, onStep = () => undefined } = options;
  const { account, domain } = chain;
  const world: DeployWorld = { chain, records, artifacts, clock, onStep, ...createSending(options, onStep) };
  const open: Publisher["open"] = (url, of) =>
    openProviderDoor(url, { key, clock, random, ...(of !== undefined && { account: of }) });
  const openFor: Publisher["openFor"] = ({ provider }) => open(provider.url, provider.account);
  return {
    ...{ account, open, openFor },
    prepare: (pod, folder) => preparePod(pod, { ...options, folder, onStep }),
    quote: (prepared, door, nonce = bytesToHex(random.bytes(16)).slice(2)) =>
      askQuote(door, {
        ...{ sealed: prepared.sealed, nonce, publisher: account, domain, clock, signatures },
        ...{ policy, policyDigest: policyDigest(policy) },
      }),
    upload: world.upload,
    deploy: (prepared, wish) => deployPod(prepared, wish, world),
    openLease: (prepared, wish) => openLease(prepared, wish, world),
    resume: async (record) => {
      using door = await openFor(record);
      return await resumeDeploy(record, door, world);
    },
    before: async (pod, provider) =>
      (await records.list()).find(
        (one) => one.pod === pod && one.provider.account === provider && one.step !== "ended",
      ),
    plan: async (record, prepared, wish) => {
      using door = await openFor(record);
      return await planPod(record, { prepared, door, ...wish });
    },
    update: async (record, prepared, wish) => {
      using door = await openFor(record);
      return await updatePod(record, { prepared, door, ...wish }, world);
    },
    leases: () => records.list(),
    find: async (said, provider) => findLease(await records.list(), { said, provider }),
    fund: async (record, amount) => {
      await coverBalance(chain, amount);
      await sendOrThrow(chain, { kind: "fund", terms: termsOf(record), amount });
      await records.put({ ...record, deposit: record.deposit + amount });
    },
    act: async (record, kind) => {
      const terms = termsOf(record);
      if (kind === "challenge") await coverBalance(chain, terms.challengeBond);
      return await sendOrThrow(chain, { kind, terms });
    },
    follow: (record, wish) => followLease(record, wish, { key, chain, records, clock, random, openFor, ask: askHost }),
    delete: async (record) => {
      using door = await openFor(record);
      await door.calls.delete({ lease: record.lease });
      return await endLease(record, world);
    },
    end: (record) => endLease(record, world),
    settle: (record) => settleLease(record, world),
    held: () => heldOf(chain),
    withdraw: async () => {
      const amount = await heldOf(chain);
      if (amount > 0n) await sendOrThrow(chain, { kind: "withdraw", amount, to: account });
      return amount;
    },
    look: async (some) => {
      const wanted = some ?? (await records.list()).filter(({ step }) => step !== "ended");
      const { state } = await readChain(chain, { leases: wanted.map(({ lease }) => lease) });
      return await Promise.all(
        wanted.map((record, at) => lookAtLease(record, { state: state.leases[at] as LeaseState, world, openFor })),
      );
    },
  };
}

/** Sends artifacts to stores, and keys to the key service where there is one. */
function createSending(
  options: PublisherOptions,
  onStep: (step: string) => void,
): Pick<DeployWorld, "upload" | "allow" | "disallow"> {
  const { artifacts: record, policy: attest, records, keyService } = options;
  /** Leases of a pod whose keys are given. */
  const givenTo = async (name: string) =>
    (await records.list()).filter(({ pod, step, withoutKeys }) => pod === name && step !== "ended" && !withoutKeys);
  return {
    upload: async ({ artifacts, sealed }, door) => {
      using store = openStoreFor(door, options);
      const uploaded = await uploadArtifacts(artifacts, store, { record, onStep });
      if (keyService === undefined) return { ...uploaded, kept: [] };
      using service = openKeyPlace(keyService, options);
      return { ...uploaded, kept: await keepKeys(artifacts, service, { record, attest, manifest: sealed.digest }) };
    },
    allow: async (artifacts, own) => {
      if (keyService === undefined) return;
      using service = openKeyPlace(keyService, options);
      const leases = [...(await givenTo(own.pod)), own]; // Of an update what runs before it, too.
      await allowPods(artifacts, service, { record, attest, leases });
    },
    disallow: async (own) => {
      if (keyService === undefined) return;
      using service = openKeyPlace(keyService, options);
      const leases = (await givenTo(own.pod)).filter(({ lease }) => lease !== own.lease);
      await leavePods(own, service, { record, attest, leases });
    },
  };
}

function termsOf({ quote }: LeaseRecord) {
  return readQuote(quote).terms;
}

async function heldOf(chain: LeaseChain): Promise<bigint> {
  const { state } = await readChain(chain, { accounts: [chain.account] });
  return state.accounts[0]?.balance ?? 0n;
}

/** How one lease stands; a lease that is over is written down as that. */
async function lookAtLease(
  record: LeaseRecord,
  {
    state,
    world,
    openFor,
  }: { readonly state: LeaseState; readonly world: EndWorld; readonly openFor: Publisher["openFor"] },
): Promise<PublisherLease> {
  const { records } = world;
  if (state.stage === "None" || state.stage === "Settled") {
    const isNews = state.stage === "Settled" && record.step !== "ended";
    const over = isNews ? await markEnded(record, world) : record;
    return { record: over, state, money: moneyOf(state, record.head), unread: undefined };
  }
  try {
    using door = await openFor(record);
    const head = await readLedgerHead(record, door);
    const next = { ...record, head };
    if (head.number !== record.head.number) await records.put(next);
    return { record: next, state, money: moneyOf(state, head), unread: undefined };
  } catch (error) {
    return { record, state, money: moneyOf(state, record.head), unread: (error as Error).message };
  }
}
