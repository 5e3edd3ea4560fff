import { type Clock, OrreryError } from "@orrery/core";
import type { ArtifactRecord } from "../artifact/artifact-record.ts";
import type { PodStatus } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import { leaseName } from "../lease/typed-data.ts";
import { emptyHead } from "../meter/ledger.ts";
import { RESERVED } from "../meter/prices.ts";
import { reservedBy } from "../pod/pod-amounts.ts";
import { readSealedPod, writeSealedPod } from "../pod/sealed-pod-json.ts";
import { createCapacity } from "../quote/capacity.ts";
import { readQuote } from "../quote/quote-json.ts";
import type { AskedQuote } from "./ask-quote.ts";
import { type EndWorld, leaveKeys, markEnded } from "./end-lease.ts";
import { needs } from "./keep-keys.ts";
import type { LeaseRecord, LeaseStep } from "./lease-record.ts";
import { DEPLOY_TIMEOUT_MS } from "./limits.ts";
import { coverBalance, readLease, sendOrThrow } from "./money.ts";
import type { PreparedPod } from "./prepare-pod.ts";
import type { ProviderDoor } from "./system-provider-door.ts";
import type { Uploaded } from "./upload-pod.ts";

/** What a deployment works with. */
export interface DeployWorld extends EndWorld {
  readonly artifacts: ArtifactRecord;
  readonly clock: Clock;
  /** Sends what is missing to where a provider fetches from, and keys to the key service. */
  readonly upload: (prepared: PreparedPod, door: ProviderDoor) => Promise<Uploaded>;
  /** Has the key service, where there is one, give keys of artifacts to the pod of a lease. */
  readonly allow: (artifacts: readonly string[], record: LeaseRecord) => Promise<void>;
}

/** What runs now. */
export interface Deployed {
  readonly record: LeaseRecord;
  readonly pod: PodStatus;
}

/** By what a pod is deployed, where, and how much is put in. */
export interface DeployWish {
  readonly asked: AskedQuote;
  readonly door: ProviderDoor;
  /** Base units. */
  readonly amount: bigint;
}

/**
 * Deploys a pod by a quote that was found good.
 *
 * I1. Nothing is paid in before all that the provider needs is there. I2. Each step is written down before it is made, so that a deployment which was cut
 * off goes on, or is taken back, by `resumeDeploy`. I3. Where the provider does not run the pod, the money comes back.
 *
 * @throws OrreryError `failed_precondition` where the quote or evidence is not good, with every fault; `resource_exhausted` where the provider is full
 */
export async function deployPod(prepared: PreparedPod, wish: DeployWish, world: DeployWorld): Promise<Deployed> {
  return await startPod(await step(await openLease(prepared, wish, world), "deploying", world), wish.door, world);
}

/**
 * Does the first half of a deployment: sends what the provider needs, and opens the lease.
 * @throws OrreryError as `deployPod`, with nothing paid
 */
export async function openLease(
  prepared: PreparedPod,
  { asked, door, amount }: DeployWish,
  world: DeployWorld,
): Promise<LeaseRecord> {
  const { chain, records, clock, onStep } = world;
  const { quote, evidence, faults, text } = asked;
  if (faults.length > 0)
    throw new OrreryError("failed_precondition", `Cannot deploy at "${door.url}": ${faults.join("; ")}`);
  assertTakesPod(door, prepared);
  await world.upload(prepared, door); // I1
  const lease = leaseName(quote.terms);
  const record: LeaseRecord = {
    ...{ lease, pod: prepared.sealed.pod.name, quote: text, sealed: writeSealedPod(prepared.sealed), step: "opening" },
    provider: { url: door.url, account: door.account },
    ...{ sealTo: evidence.claims.sealTo, deposit: amount, gateway: door.facts.gateway },
    ...{ openedAtMs: clock.now(), head: emptyHead(lease) },
  };
  await records.put(record); // I2
  try {
    await coverBalance(chain, amount);
    onStep(`opening lease ${lease.slice(0, 10)}…`);
    const { terms, signature } = quote;
    await sendOrThrow(chain, { kind: "open", terms, quote: signature, payer: chain.account, amount });
  } catch (error) {
    if ((error as OrreryError).definite !== false) await step(record, "ended", world);
    throw error;
  }
  return record;
}

/**
 * Goes on with a deployment that was cut off: runs the pod where its lease is open, and says so where none was opened.
 * @returns undefined where no money was put in; then nothing is left of it
 */
export async function resumeDeploy(
  record: LeaseRecord,
  door: ProviderDoor,
  world: DeployWorld,
): Promise<Deployed | undefined> {
  const { stage } = await readLease(world.chain, record.lease);
  if (stage === "Open" || stage === "Active")
    return await startPod(await step(record, "deploying", world), door, world);
  await markEnded(record, world);
  return undefined;
}

async function startPod(record: LeaseRecord, door: ProviderDoor, world: DeployWorld): Promise<Deployed> {
  const { onStep } = world;
  onStep(`starting pod "${record.pod}"`);
  const deploy = async () => {
    const keys = await giveKeys(record, door, world);
    return await door.calls.deploy({ quote: record.quote, pod: record.sealed, keys }, { timeoutMs: DEPLOY_TIMEOUT_MS });
  };
  const said = await deploy().catch(async (error: unknown) => {
    throw await takeBack(record, error as OrreryError, world);
  });
  if (said.pod === undefined)
    throw new OrreryError("internal", `Cannot tell how pod "${record.pod}" stands: no answer`);
  return { record: await step(record, "running", world), pod: said.pod };
}

/** The key of an artifact, as a provider takes it. */
export interface WrappedArtifact {
  readonly artifact: string;
  /** JSON. */
  readonly wrap: string;
  /** URLs of stores that have the artifact; none where the provider has it. */
  readonly stores: string[];
}

/** Gives a pod the keys of all its artifacts: wraps of them, and that the key service may give them to it. */
export async function giveKeys(
  record: LeaseRecord,
  door: Pick<ProviderDoor, "url" | "facts">,
  { artifacts, allow }: Pick<DeployWorld, "artifacts" | "allow">,
): Promise<WrappedArtifact[]> {
  const keys = await wrapKeys(record, door, artifacts);
  await allow(
    keys.map(({ artifact }) => artifact),
    record,
  );
  return keys;
}

/** The keys of all artifacts of a pod, each closed for the pod alone. */
async function wrapKeys(
  { sealed, sealTo }: Pick<LeaseRecord, "sealed" | "sealTo">,
  door: Pick<ProviderDoor, "url" | "facts">,
  artifacts: ArtifactRecord,
): Promise<WrappedArtifact[]> {
  const made = readSealedPod(sealed);
  const kept = await artifacts.list();
  const wanted = kept.filter(
    (one) => one.about.app === made.pod.name && one.revokedAtMs === undefined && needs(made, one),
  );
  return await Promise.all(
    wanted.map(async ({ artifact, stores }) => {
      const wrap = await artifacts.grant(artifact, { to: sealTo, purpose: "run", who: door.url });
      return { artifact, wrap: JSON.stringify(wrap), stores: stores.filter((url) => door.facts.stores.includes(url)) };
    }),
  );
}

/** Has the money of a lease come back that no pod runs by. @returns what to throw */
async function takeBack(record: LeaseRecord, error: OrreryError, world: DeployWorld): Promise<OrreryError> {
  const { chain } = world;
  const { terms } = readQuote(record.quote);
  if (error.definite === false) {
    const more = `lease ${record.lease} has its money, deploy again to go on, or take it back by orrery lease close`;
    return new OrreryError("unavailable", `${error.message}; ${more}`, {
      kind: "timeout",
      definite: false,
      cause: error,
    });
  }
  const sent = await chain.send({ kind: "cancel", terms });
  if (sent.kind === "mined") {
    await markEnded(record, world);
    return new OrreryError(error.code, `${error.message}; the money is back`, { details: error.details, cause: error });
  }
  const closed = await chain.send({ kind: "close", terms }); // It has begun: what is not served comes back with the notice.
  if (closed.kind === "mined") await leaveKeys(record, world);
  const how = closed.kind === "mined" ? "notice was given, the rest comes back when it is over" : sent.message;
  return new OrreryError(error.code, `${error.message}; ${how}`, { details: error.details, cause: error });
}

async function step(
  record: LeaseRecord,
  to: LeaseStep,
  { records }: Pick<DeployWorld, "records">,
): Promise<LeaseRecord> {
  const next = { ...record, step: to };
  await records.put(next);
  return next;
}

/** @throws OrreryError where the provider takes no pods, or has no room, before anything is sent or paid */
function assertTakesPod({ url, facts }: ProviderDoor, { sealed }: PreparedPod): void {
  if (facts.closed !== "")
    throw new OrreryError("failed_precondition", `Cannot deploy at "${url}": it takes no pods, ${facts.closed}`);
  const free = Object.fromEntries(RESERVED.map((resource) => [resource, facts.free[resource] ?? 0n]));
  createCapacity(free).hold("pod", reservedBy(sealed.pod));
}
