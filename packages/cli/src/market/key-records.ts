import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { type ArtifactRecord, type KeptArtifact, openArtifactRecord } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { configFolder } from "../environments/config-folder.ts";
import type { Terminal } from "../terminal.ts";
import { findBenchFolder } from "./bench-folder.ts";
import { findWallet } from "./wallets.ts";

/** Where a publisher keeps its records, of each account. */
const RECORDS = "publisher";
const RECORD_FILE = "artifacts.json";

/** Opens the record of artifacts that is meant: of the bench of this folder or of one above, else of this user; of the wallet that is named. No key is opened. */
export function openKeyRecord(input: CommandInput, terminal: Terminal): ArtifactRecord & { readonly file: string } {
  const said = input.text("record");
  const file = said === undefined ? findRecord(input, terminal) : resolve(terminal.cwd, said);
  if (!existsSync(file))
    throw new CommandError(`Cannot find the record of artifacts: there is no "${file}"`, {
      exit: EXIT.notFound,
      tip: "orrery key ls --help",
    });
  return { file, ...openArtifactRecord({ path: file, clock: createSystemClock(), random: createSystemRandom() }) };
}

/** Artifacts that a word means: by digest, or its first 8 digits or more; all of a pod by its name; one by `POD/NAME`. @throws CommandError where there is none */
export function chooseArtifacts(all: readonly KeptArtifact[], word: string): readonly KeptArtifact[] {
  const digits = word.replace(/^sha256:/, "");
  const isDigest = /^[0-9a-f]{8,64}$/.test(digits);
  const found = all.filter(
    ({ artifact, about: { app, name } }) =>
      (isDigest && artifact.startsWith(`sha256:${digits}`)) || app === word || `${app}/${name}` === word,
  );
  if (found.length > 0) return found;
  throw new CommandError(`Cannot find artifact "${word}": there is none, name a digest, a pod, or POD/NAME`, {
    exit: EXIT.notFound,
    tip: "orrery key ls",
  });
}

function findRecord(input: CommandInput, terminal: Terminal): string {
  const folder = join(findBenchFolder(terminal.cwd) ?? configFolder(terminal), RECORDS);
  const wallet = input.text("wallet") ?? terminal.env["ORRERY_WALLET"];
  if (wallet !== undefined) return join(folder, findWallet(wallet, terminal).account, RECORD_FILE);
  const accounts = existsSync(folder)
    ? readdirSync(folder).filter((one) => existsSync(join(folder, one, RECORD_FILE)))
    : [];
  const [first, second] = accounts;
  if (first !== undefined && second === undefined) return join(folder, first, RECORD_FILE);
  if (first === undefined)
    throw new CommandError(`Cannot find artifacts: nothing was uploaded from "${folder}"`, { exit: EXIT.notFound });
  throw usageError(`Cannot tell whose artifacts are meant: there are those of ${accounts.join(", ")}, name --wallet`);
}
