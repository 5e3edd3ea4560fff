import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import type { Attester, Evidence, EvidenceClaims, Measurement } from "./evidence.ts";
import { digestOfClaims, podMeasurement, REGISTER, registerOf } from "./measurements.ts";
import { openTpmTools, type TpmTools } from "./system-tpm-tools.ts";

/** Where the signing key is kept in the TPM. */
const KEY_HANDLE = "0x81010100";
const PRIVATE_FILE = { mode: 0o600 };
/** What was measured, by lines of JSON. */
const LOG = "measurements.jsonl";

/** Options of `openTpmAttester`. */
export interface TpmAttesterOptions {
  /** Where the TPM is, as tpm2-tools have it. */
  readonly tcti: string;
  /** Its own folder, where what was measured is written down. */
  readonly folder: string;
  /** PEM: of its signing key, and of who issued that. */
  readonly certificates: readonly string[];
  /** What the provider runs on, in order. */
  readonly base: readonly Measurement[];
}

/** What stands in a line: of a pod also what hides it. */
interface Line {
  readonly measurement: Measurement;
  readonly salt?: string;
}

/**
 * Opens what proves by a TPM what was measured. I1: what stands in the register stands in the log; after a fall the log has one line more at most, which is
 * dropped. I2: one pod is measured once, however often it is asked for. I3: what of the base has changed since the machine started is measured beside what it was.
 * @throws OrreryError `failed_precondition` where the register holds what the log does not say: others measure there, too
 */
export async function openTpmAttester(options: TpmAttesterOptions): Promise<Attester> {
  const { folder, base } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const tools = openTpmTools(options);
  const log = await readLog(folder, await readRegister(tools));
  const extend = async (line: Line) => {
    log.push(line);
    await writeFile(join(folder, LOG), log.map((one) => `${JSON.stringify(one)}\n`).join(""), PRIVATE_FILE); // I1
    await tools.run("tpm2_pcrextend", `${REGISTER}:sha256=${line.measurement.digest}`);
  };
  const isMeasured = ({ name, digest }: Measurement) =>
    log.some(({ measurement: one }) => one.kind === "base" && one.name === name && one.digest === digest);
  for (const measurement of base) if (!isMeasured(measurement)) await extend({ measurement }); // I3
  let last: Promise<unknown> = Promise.resolve();
  const attest = async (claims: EvidenceClaims): Promise<Evidence> => {
    const known = log.findIndex(
      ({ measurement, salt }) => salt !== undefined && podMeasurement(claims, salt).digest === measurement.digest,
    );
    const salt = log[known]?.salt ?? randomBytes(16).toString("hex");
    if (known === -1) await extend({ measurement: podMeasurement(claims, salt), salt }); // I2
    const { quote, signature } = await quoteBy(tools, folder, digestOfClaims(claims));
    return {
      ...{ kind: "tpm2", claims, measurements: log.map(({ measurement }) => measurement) },
      pod: { index: known === -1 ? log.length - 1 : known, salt },
      ...{ quote, signature, certificates: options.certificates },
    };
  };
  return {
    attest: (claims) => {
      const made = last.then(() => attest(claims));
      last = made.catch(() => undefined);
      return made;
    },
  };
}

/** A signing key that a TPM made, which nobody has certified. */
export interface TpmKeys {
  /** TPM2B_PUBLIC of the signing key. */
  readonly signing: Uint8Array;
  /** The certificate of the TPM's own key for encryption, in DER: of who made the TPM. */
  readonly endorsement: Uint8Array;
}

/** Makes a signing key in a TPM, in place of one that was there. */
export async function makeTpmKeys({ tcti, folder }: Pick<TpmAttesterOptions, "tcti" | "folder">): Promise<TpmKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const tools = openTpmTools({ tcti, folder });
  return tools.alone(async (run) => {
    await run("tpm2_createek", "-c", "ek.ctx", "-G", "rsa", "-u", "ek.pub");
    await run("tpm2_flushcontext", "-t");
    const key = ["-C", "ek.ctx", "-c", "ak.ctx", "-G", "ecc", "-g", "sha256", "-s", "ecdsa"];
    await run("tpm2_createak", ...key, "-u", "ak.pub", "-f", "tss", "-n", "ak.name");
    await run("tpm2_flushcontext", "-t");
    await run("tpm2_evictcontrol", "-C", "o", "-c", KEY_HANDLE).catch(() => undefined); // None was there.
    await run("tpm2_evictcontrol", "-C", "o", "-c", "ak.ctx", KEY_HANDLE);
    await run("tpm2_flushcontext", "-t");
    await run("tpm2_getekcertificate", "-o", "ek.der");
    return { signing: await readFile(join(folder, "ak.pub")), endorsement: await readFile(join(folder, "ek.der")) };
  });
}

/** Opens what was encrypted to the TPM for its signing key alone: so it shows that both are of one TPM. @throws OrreryError `unavailable` where they are not */
export function openTpmCredential(
  { tcti, folder }: Pick<TpmAttesterOptions, "tcti" | "folder">,
  credential: Uint8Array,
): Promise<Uint8Array> {
  return openTpmTools({ tcti, folder }).alone(async (run) => {
    const own = { file: join(folder, "credential"), secret: join(folder, "secret") };
    try {
      await writeFile(own.file, credential, PRIVATE_FILE);
      await run("tpm2_startauthsession", "--policy-session", "-S", "session.ctx");
      await run("tpm2_policysecret", "-S", "session.ctx", "-c", "e");
      const by = ["-c", KEY_HANDLE, "-C", "ek.ctx", "-P", "session:session.ctx"];
      await run("tpm2_activatecredential", ...by, "-i", "credential", "-o", "secret");
      await run("tpm2_flushcontext", "session.ctx");
      await run("tpm2_flushcontext", "-t");
      return await readFile(own.secret);
    } finally {
      await Promise.all(Object.values(own).map((file) => rm(file, { force: true })));
    }
  });
}

async function quoteBy(tools: TpmTools, folder: string, extraData: string) {
  return tools.alone(async (run) => {
    const made = ["-m", "quote.msg", "-s", "quote.sig", "-g", "sha256"];
    await run("tpm2_quote", "-c", KEY_HANDLE, "-l", `sha256:${REGISTER}`, "-q", extraData, ...made);
    await run("tpm2_flushcontext", "-t");
    const [quote, signature] = await Promise.all([
      readFile(join(folder, "quote.msg"), "base64"),
      readFile(join(folder, "quote.sig"), "base64"),
    ]);
    return { quote, signature };
  });
}

async function readRegister(tools: TpmTools): Promise<string> {
  const said = await tools.run("tpm2_pcrread", `sha256:${REGISTER}`);
  return (/0x([0-9A-F]{64})/i.exec(said)?.[1] ?? "").toLowerCase();
}

async function readLog(folder: string, register: string): Promise<Line[]> {
  const text = await readFile(join(folder, LOG), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));
  const registerAfter = (some: readonly Line[]) => registerOf(some.map(({ measurement }) => measurement));
  if (/^0+$/.test(register)) return []; // The machine has started since.
  for (const some of [lines, lines.slice(0, -1)]) if (registerAfter(some) === register) return [...some];
  const why = `register ${REGISTER} of the TPM is not what was measured by "${folder}": something else measures there`;
  throw new OrreryError("failed_precondition", `Cannot attest: ${why}`, { details: { register } });
}
