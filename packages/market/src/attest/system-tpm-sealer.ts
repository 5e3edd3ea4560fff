import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import { boxSealer } from "./box-sealer.ts";
import type { Measurement } from "./evidence.ts";
import { registerOf } from "./measurements.ts";
import type { Sealer } from "./sealer.ts";
import { openTpmTools, type TpmTools } from "./system-tpm-tools.ts";

/** The register that the base alone is measured into: pods are measured into another, and a restart of the provider must not change this one. */
const BASE_REGISTER = 13;
const KEY_BYTES = 32;

/** Options of `openTpmSealer`. */
export interface TpmSealerOptions {
  /** Where the TPM is, as tpm2-tools have it. */
  readonly tcti: string;
  /** Its own folder: the key lies there, closed by the TPM. */
  readonly folder: string;
  /** What the provider runs on, in order: with another base the key does not open. */
  readonly base: readonly Measurement[];
}

/**
 * Opens a sealer whose key a TPM holds: it gives it while its register has the base that it was made with, and to no other TPM. I1: the key is in plain in
 * memory alone. I2: each base has a key of its own, so that one that comes back opens what it sealed.
 * @throws OrreryError `failed_precondition` where another base was measured since the machine started
 */
export async function openTpmSealer({ tcti, folder, base }: TpmSealerOptions): Promise<Sealer> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const tools = openTpmTools({ tcti, folder });
  const wanted = registerOf(base);
  await measure(tools, base, wanted);
  const id = wanted.slice(0, 16);
  const bytes = existsSync(join(folder, `sealer-${id}.priv`))
    ? await unseal(tools, id)
    : await makeKey(tools, folder, id);
  const lost = `its key is of another base than ${id}, or of another TPM; what was sealed has to be given anew`;
  return boxSealer([{ id, bytes }], { kind: "tpm2", lost });
}

async function measure(tools: TpmTools, base: readonly Measurement[], wanted: string): Promise<void> {
  const read = async () => {
    const said = await tools.run("tpm2_pcrread", `sha256:${BASE_REGISTER}`);
    return (/0x([0-9A-F]{64})/i.exec(said)?.[1] ?? "").toLowerCase();
  };
  const found = await read();
  if (/^0+$/.test(found))
    for (const { digest } of base) await tools.run("tpm2_pcrextend", `${BASE_REGISTER}:sha256=${digest}`);
  if (found === wanted || (await read()) === wanted) return;
  const why = "another base was measured since the machine started; start the machine anew to use this one";
  throw new OrreryError("failed_precondition", `Cannot open the sealer: ${why}`, { details: { register: found } });
}

/** What a sealed key is under: made anew by the TPM each time, the same each time. */
async function makePrimary(run: TpmTools["run"]): Promise<void> {
  await run("tpm2_createprimary", "-C", "o", "-G", "ecc", "-g", "sha256", "-c", "sealer.ctx");
  await run("tpm2_flushcontext", "-t");
}

async function makeKey(tools: TpmTools, folder: string, id: string): Promise<Uint8Array> {
  const key = randomBytes(KEY_BYTES);
  await tools.alone(async (run, feed) => {
    await makePrimary(run);
    await run("tpm2_startauthsession", "-S", "sealer.session");
    await run("tpm2_policypcr", "-S", "sealer.session", "-l", `sha256:${BASE_REGISTER}`, "-L", "sealer.policy");
    await run("tpm2_flushcontext", "sealer.session");
    const made = ["-u", `sealer-${id}.pub`, "-r", `sealer-${id}.priv.new`];
    const how = ["-C", "sealer.ctx", "-L", "sealer.policy", "-g", "sha256", "-i", "-"];
    await feed(key.toString("hex"), "tpm2_create", ...how, ...made); // I1
    await run("tpm2_flushcontext", "-t");
    await clean(folder);
  });
  await rename(join(folder, `sealer-${id}.priv.new`), join(folder, `sealer-${id}.priv`));
  return key;
}

async function unseal(tools: TpmTools, id: string): Promise<Uint8Array> {
  return tools.alone(async (run) => {
    await makePrimary(run);
    await run("tpm2_load", "-C", "sealer.ctx", "-u", `sealer-${id}.pub`, "-r", `sealer-${id}.priv`, "-c", "sealed.ctx");
    await run("tpm2_flushcontext", "-t");
    await run("tpm2_startauthsession", "--policy-session", "-S", "sealer.session");
    try {
      await run("tpm2_policypcr", "-S", "sealer.session", "-l", `sha256:${BASE_REGISTER}`);
      return Buffer.from(await run("tpm2_unseal", "-c", "sealed.ctx", "-p", "session:sealer.session"), "hex");
    } finally {
      await run("tpm2_flushcontext", "sealer.session");
      await run("tpm2_flushcontext", "-t");
    }
  });
}

async function clean(folder: string): Promise<void> {
  for (const name of ["sealer.policy", "sealer.session"]) await rm(join(folder, name), { force: true });
}
