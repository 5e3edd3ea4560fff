import { join } from "node:path";
import { type Clock, type Component, defineComponent, OrreryError } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import { Bucket } from "@orrery/mesh/internal";
import { type KeyWrap, readWrap, writeWrap } from "../artifact/key-wrap.ts";
import { openWrap, wrapKey } from "../artifact/system-key-wrap.ts";
import type { Evidence } from "../attest/evidence.ts";
import { readEvidence } from "../attest/evidence-json.ts";
import type { Sealer } from "../attest/sealer.ts";
import { type SignatureChecks, verifyEvidence } from "../attest/verify-evidence.ts";
import { KeyService } from "../gen/rpc/orrery/market/v1/keys_pb.ts";
import type { SealKey } from "../keys/seal-key.ts";
import type { Account } from "../lease/terms.ts";
import { assertWallet } from "../wallet/assert-wallet.ts";
import type { KeptKey } from "./key-book.ts";
import { readKeyPolicy, whyNotFor } from "./key-policy.ts";
import { AUDIT_LETTERS_MAX, KEPT_KEYS_MAX, REFUSALS_PER_MINUTE, WALLET_KEYS_MAX } from "./limits.ts";
import { type KeyFile, openKeyFileOf } from "./system-key-file.ts";
import { createNonces, type Nonces } from "./system-nonces.ts";
import { openServiceKey } from "./system-service-key.ts";

/** Options of `createKeyService`. */
export interface KeyServiceOptions {
  /** Its own, where it keeps what it has. */
  readonly folder: string;
  /** Closes its own key, which all others are wrapped to. */
  readonly sealer: Sealer;
  /** As whom it is known. */
  readonly account: Account;
  /** Tells the age of nonces and evidence. */
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** How certificates and signatures are looked at. */
  readonly signatures: SignatureChecks;
}

/** Keeps keys of artifacts, and gives them to who proves that it runs what their owner allows. Owns: its folder. */
export interface KeyKeeper extends AsyncDisposable {
  /** Answers `orrery.market.v1.KeyService`. Agents are wallets; whoever is none may ask for keys, by evidence. */
  readonly component: Component;
  /** What keys are wrapped to for it: X25519, in hex. */
  readonly sealTo: string;
}

/**
 * Opens a key service. I1: a key leaves it for the key that good evidence names, and for no other. I2: evidence is good once. I3: what was revoked leaves it no more,
 * and what was told of that is on the disk before. I4: no key is in plain on a disk.
 */
export async function createKeyService(options: KeyServiceOptions): Promise<KeyKeeper> {
  const { folder, sealer, clock, account } = options;
  const key = await openServiceKey(join(folder, "service.key"), sealer); // I4
  const file = await openKeyFileOf(folder);
  const nonces = createNonces({ clock });
  const work = createWork({ ...options, key, file, nonces });
  const component = defineComponent(
    KeyService,
    () => ({
      describe: () => ({ sealTo: key.sealTo, account }),
      challenge: () => ({ nonce: nonces.make() }),
      putKey: ({ artifact, wrap, policy }, { agent }) =>
        wrap === ""
          ? work.allow(assertWallet(agent, "change policies"), { artifact, policy: readKeyPolicy(policy) })
          : work.put(assertWallet(agent, "keep keys"), {
              ...{ artifact, wrap: readWrap(wrap), policy: readKeyPolicy(policy) },
            }),
      release: async ({ artifact, evidence }) => ({
        wrap: writeWrap(await work.release(artifact, readEvidence(evidence))),
      }),
      revoke: ({ artifact }, { agent }) => work.revoke(assertWallet(agent, "revoke keys"), artifact),
      listAudit: ({ artifact }, { agent }) => {
        const { audit } = work.own(assertWallet(agent, "read audits"), artifact);
        return { entries: audit.toReversed().map(({ atMs, kind, text }) => ({ atMs: BigInt(atMs), kind, text })) };
      },
    }),
    { instances: 4 },
  );
  return { component, sealTo: key.sealTo, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
}

/** What a service works with. */
interface Working extends KeyServiceOptions {
  readonly key: SealKey;
  readonly file: KeyFile;
  readonly nonces: Nonces;
}

function createWork(working: Working) {
  const { key, file, nonces, clock } = working;
  const { book } = file;
  const oneAtATime = createOneAtATime();
  const refuse = createRefusals(working);
  const find = (artifact: string): KeptKey => {
    const kept = book.find(artifact);
    if (kept !== undefined) return kept;
    const why = "it is not here, put it first";
    throw new OrreryError("not_found", `Cannot use the key of "${artifact.slice(0, 80)}": ${why}`);
  };
  const own = (wallet: Account, artifact: string): KeptKey => {
    const kept = find(artifact);
    if (kept.owner === wallet) return kept;
    throw new OrreryError("permission_denied", `Cannot use the key of "${artifact}": another wallet has put it`);
  };
  return {
    own,
    put: (wallet: Account, { artifact, wrap, policy }: Pick<KeptKey, "artifact" | "wrap" | "policy">) =>
      oneAtATime(artifact, async () => {
        const failing = `Cannot keep the key of "${artifact.slice(0, 80)}"`;
        if (wrap.artifact !== artifact || wrap.purpose !== "keep")
          throw new OrreryError("invalid_argument", `${failing}: the wrap is of ${wrap.artifact}, to ${wrap.purpose}`);
        await openWrap(wrap, { key, context: { artifact, about: wrap.about, purpose: "keep" } });
        if (book.find(artifact) !== undefined) own(wallet, artifact);
        else if (book.count() >= KEPT_KEYS_MAX || book.count(wallet) >= WALLET_KEYS_MAX) {
          const why = `${WALLET_KEYS_MAX} of one wallet and ${KEPT_KEYS_MAX} in all fit`;
          throw new OrreryError("resource_exhausted", `${failing}: ${why}`);
        }
        const event = { kind: "put", artifact, atMs: clock.now(), text: `by ${wallet}` } as const;
        await file.write({ ...event, put: { owner: wallet, wrap, policy } });
        return { epoch: BigInt(find(artifact).epoch) };
      }),
    allow: (wallet: Account, { artifact, policy }: Pick<KeptKey, "artifact" | "policy">) =>
      oneAtATime(artifact, async () => {
        const { wrap, isRevoked, epoch } = own(wallet, artifact);
        if (isRevoked) throw revoked(artifact);
        const event = { kind: "put", artifact, atMs: clock.now(), text: `policy alone, by ${wallet}` } as const;
        await file.write({ ...event, put: { owner: wallet, wrap, policy } });
        return { epoch: BigInt(epoch) };
      }),
    release: (artifact: string, evidence: Evidence): Promise<KeyWrap> =>
      oneAtATime(artifact, async () => {
        const kept = find(artifact);
        const why = whyNot(kept, evidence, working);
        if (why !== undefined) return await refuse(artifact, why);
        const { nonce, sealTo, manifest } = evidence.claims;
        nonces.use(nonce); // I2
        const { about } = kept.wrap;
        const plain = await openWrap(kept.wrap, { key, context: { artifact, about, purpose: "keep" } });
        const given = await wrapKey(plain, { to: sealTo, context: { artifact, about, purpose: "run" } }); // I1
        plain.fill(0);
        const text = `to ${sealTo} for pod ${manifest}, by evidence of kind ${evidence.kind}`;
        await file.write({ kind: "released", artifact, text, atMs: clock.now() });
        return given;
      }),
    revoke: (wallet: Account, artifact: string) =>
      oneAtATime(artifact, async () => {
        own(wallet, artifact);
        await file.write({ kind: "revoked", artifact, text: `by ${wallet}`, atMs: clock.now() }); // I3
        return { epoch: BigInt(find(artifact).epoch) };
      }),
  };
}

function revoked(artifact: string): OrreryError {
  const why = "its owner has revoked it, put it again first";
  return new OrreryError("failed_precondition", `Cannot change the policy of "${artifact}": ${why}`);
}

/** Why a key is not given for evidence, with all that is wrong with it; undefined where it is. */
function whyNot(kept: KeptKey, evidence: Evidence, { nonces, clock, signatures }: Working): string | undefined {
  const { claims } = evidence;
  if (kept.isRevoked) return "its owner has revoked it"; // I3
  const old = nonces.whyNot(claims.nonce);
  if (old !== undefined) return `nonce ${JSON.stringify(claims.nonce)}: ${old}`;
  const nowS = Math.floor(clock.now() / 1_000);
  const { policy, wrap } = kept;
  const expected = { nonce: claims.nonce, manifest: claims.manifest, images: claims.images };
  const { isGood, checks } = verifyEvidence(evidence, { policy: policy.attest, expected, nowS, signatures });
  if (isGood) return whyNotFor(policy, { claims, about: wrap.about, nowS });
  return checks.flatMap(({ name, fault }) => (fault === undefined ? [] : `${name}: ${fault}`)).join("; ");
}

/** Refuses, and writes it down so often and no more. */
function createRefusals({ file, clock }: Working): (artifact: string, why: string) => Promise<never> {
  const bucket = new Bucket({ perSecond: REFUSALS_PER_MINUTE / 60, burst: REFUSALS_PER_MINUTE }, clock.monotonic());
  return async (artifact, why) => {
    const nowMs = clock.monotonic();
    if (bucket.has(nowMs)) {
      bucket.take(nowMs);
      const event = { kind: "refused", artifact, text: why.slice(0, AUDIT_LETTERS_MAX), atMs: clock.now() } as const;
      await file.write(event, { mayBeLost: true });
    }
    throw new OrreryError("permission_denied", `Cannot give the key of "${artifact}": ${why}`);
  };
}
