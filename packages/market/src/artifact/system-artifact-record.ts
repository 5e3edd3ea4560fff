import { createHmac, hkdfSync } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, OrreryError, type Random } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import { lockFolder, replaceFile } from "@orrery/mesh/internal";
import type { SealKey } from "../keys/seal-key.ts";
import { ARTIFACT_KEY_BYTES, type ArtifactAbout, aboutText, printAbout } from "./artifact.ts";
import type { ArtifactRecord, KeptArtifact, ReadyArtifact } from "./artifact-record.ts";
import type { WrapContext } from "./key-wrap.ts";
import { parseRecord, printRecord } from "./record-text.ts";
import { sealArtifact } from "./system-artifact.ts";
import { openWrap, wrapKey } from "./system-key-wrap.ts";

/** Artifacts of one record, and grants of one artifact, of which the oldest are forgotten. */
export const ARTIFACTS_MAX = 10_000;
const GRANTS_MAX = 100;
const STORES_MAX = 100;
/** How long a command waits for another that changes the file, in ms, and how often it looks. */
const LOCK_WAIT_MS = 10_000;
const LOCK_LOOK_MS = 50;

/** Options of `openArtifactRecord`. */
export interface ArtifactRecordOptions {
  /** Of the file. It is made, readable by its user alone, with the first artifact. */
  readonly path: string;
  /** The publisher's own. Default: none; it lists, revokes and renews, and opens nothing. */
  readonly key?: SealKey;
  /** Says when things were made, and waits for other commands. */
  readonly clock: Clock;
  /** Must be fit for secrets. */
  readonly random: Pick<Random, "bytes">;
}

/** Opens the record of a publisher. Commands that change it at once wait for one another. */
export function openArtifactRecord(options: ArtifactRecordOptions): ArtifactRecord {
  const { clock } = options;
  const { list, change, changeOne } = createRecordFile(options);
  const contentKeyOf = async (kept: KeptArtifact) => {
    const context = { artifact: kept.artifact, about: kept.about, purpose: "own" } as const;
    return openWrap(kept.wrap, { key: keyOf(options), context });
  };
  const ready = (kept: KeptArtifact, read: () => Promise<Uint8Array>): ReadyArtifact => {
    if (kept.revokedAtMs !== undefined) throw revoked(kept); // I2
    const sealAgain = async () => {
      const { digest, bytes } = await sealArtifact(await read(), { key: await contentKeyOf(kept), about: kept.about });
      if (digest === kept.artifact) return bytes;
      const why = `it has changed since ${kept.artifact} was made of it, run the command again`;
      throw new OrreryError("failed_precondition", `Cannot send the ${printAbout(kept.about)}: ${why}`);
    };
    return { kept, isNew: false, read: sealAgain };
  };
  return {
    list,
    seal: async (about, read) => {
      const name = aboutText(about);
      const isSame = (one: KeptArtifact) => one.renewedAtMs === undefined && aboutText(one.about) === name;
      const ofImage = about.kind === "image" ? (await list()).find(isSame) : undefined;
      if (ofImage !== undefined) return ready(ofImage, read);
      const plain = await read();
      const fingerprint = fingerprintOf(plain, { key: keyOf(options), name });
      const find = (all: readonly KeptArtifact[]) => all.find((one) => isSame(one) && one.fingerprint === fingerprint);
      const known = find(await list());
      if (known !== undefined) return ready(known, async () => plain);
      const { made, bytes } = await sealNew(plain, about, options);
      return change(async (all): Promise<readonly [readonly KeptArtifact[], ReadyArtifact]> => {
        const other = find(all); // Another command was faster.
        if (other !== undefined) return [all, ready(other, async () => plain)];
        const kept = { ...made, fingerprint };
        return [[...all, kept], { kept, isNew: true, read: async () => bytes }];
      });
    },
    grant: (artifact, { to, purpose, who }) =>
      changeOne(artifact, async (one) => {
        if (one.revokedAtMs !== undefined) throw revoked(one);
        const { about } = one;
        const wrap = await wrapKey(await contentKeyOf(one), { to, context: { artifact, about, purpose } });
        const others = one.grants.filter((grant) => grant.to !== to || grant.purpose !== purpose);
        const grants = [...others.slice(1 - GRANTS_MAX), { to, purpose, who, atMs: clock.now() }];
        return [{ ...one, grants }, wrap];
      }),
    addStore: (artifact, url) =>
      changeOne(artifact, async (one) => {
        const stores = [...one.stores.filter((other) => other !== url).slice(1 - STORES_MAX), url];
        return [{ ...one, stores }, undefined];
      }),
    revoke: (artifact) =>
      changeOne(artifact, async (one) => {
        const next = { ...one, revokedAtMs: one.revokedAtMs ?? clock.now() };
        return [next, next];
      }),
    renew: (artifact) =>
      changeOne(artifact, async (one) => {
        if (one.revokedAtMs === undefined)
          throw new OrreryError("failed_precondition", `Cannot renew "${artifact}": it is not revoked`);
        const next = { ...one, renewedAtMs: one.renewedAtMs ?? clock.now() };
        return [next, next];
      }),
  };
}

/** What a change leaves in the file, and what comes of it. */
type Changed<All, T> = Promise<readonly [All, T]>;

function createRecordFile(options: ArtifactRecordOptions) {
  const { path } = options;
  const oneAtATime = createOneAtATime();
  const list = async () => parseRecord(await readText(path), path);
  const change = <T>(work: (all: readonly KeptArtifact[]) => Changed<readonly KeptArtifact[], T>) =>
    oneAtATime("file", async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      using _locked = await lock(options);
      const [all, result] = await work(await list());
      if (all.length > ARTIFACTS_MAX)
        throw new OrreryError("resource_exhausted", `Cannot keep more than ${ARTIFACTS_MAX} artifacts in "${path}"`);
      await replaceFile(path, printRecord(all));
      return result;
    });
  const changeOne = <T>(artifact: string, work: (one: KeptArtifact) => Changed<KeptArtifact, T>) =>
    change(async (all) => {
      const one = all.find((kept) => kept.artifact === artifact);
      if (one === undefined)
        throw new OrreryError("not_found", `Cannot use artifact "${artifact}": it is not in "${path}"`);
      const [next, result] = await work(one);
      return [all.map((kept) => (kept === one ? next : kept)), result];
    });
  return { list, change, changeOne };
}

async function sealNew(plain: Uint8Array, about: ArtifactAbout, options: ArtifactRecordOptions) {
  const { clock, random } = options;
  const own = random.bytes(ARTIFACT_KEY_BYTES); // I1
  const { digest, bytes } = await sealArtifact(plain, { key: own, about });
  const context: WrapContext = { artifact: digest, about, purpose: "own" };
  const wrap = await wrapKey(own, { to: keyOf(options).sealTo, context });
  const size = { bytes: bytes.length, madeAtMs: clock.now() };
  return { bytes, made: { artifact: digest, about, ...size, wrap, stores: [], grants: [] } };
}

function keyOf({ key, path }: ArtifactRecordOptions): SealKey {
  if (key !== undefined) return key;
  throw new OrreryError("failed_precondition", `Cannot open a key in "${path}": the wallet that it is of is not open`);
}

function revoked({ about, artifact, revokedAtMs = 0 }: KeptArtifact): OrreryError {
  const why = `${artifact} was revoked at ${new Date(revokedAtMs).toISOString()}; "orrery key renew ${artifact}" lets it be sealed anew`;
  return new OrreryError("failed_precondition", `Cannot give away the key of the ${printAbout(about)}: ${why}`);
}

/** Whoever has the file alone cannot try what a short secret was: the key is the publisher's. */
function fingerprintOf(plain: Uint8Array, { key, name }: { readonly key: SealKey; readonly name: string }): string {
  const own = new Uint8Array(hkdfSync("sha256", key.secret, "", "orrery fingerprints", 32));
  return createHmac("sha256", own).update(`${name}\n`).update(plain).digest("hex");
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new OrreryError("failed_precondition", `Cannot read "${path}": ${error.code}`, { cause: error });
  });
}

async function lock({ path, clock }: ArtifactRecordOptions): Promise<Disposable> {
  const refusal = () => `Cannot change "${path}": another command changes it, try again`;
  for (const from = clock.monotonic(); ; await clock.sleep(LOCK_LOOK_MS)) {
    try {
      return await lockFolder(dirname(path), { purpose: "artifacts", refusal });
    } catch (error) {
      const isOver = clock.monotonic() - from > LOCK_WAIT_MS;
      if (!(error instanceof OrreryError) || error.code !== "failed_precondition" || isOver) throw error;
    }
  }
}
