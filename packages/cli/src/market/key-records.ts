import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createSystemRandom } from "@orrery/core";
import { type ArtifactRecord, type KeptArtifact, openArtifactRecord } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { configFolder } from "../environments/config-folder.ts";
import type { Terminal } from "../terminal.ts";
import { clockOf } from "./market-clock.ts";
import { type FoundMarket, findMarketIfAny } from "./market-file.ts";
import { marketWallet, namedWallet } from "./open-wallet.ts";

/** Where a publisher keeps its records, of each account. */
const RECORDS = "publisher";
/** Its record of artifacts there, in the folder of an account. */
export const RECORD_FILE = "artifacts.json";

/** Where the publishers of a market keep their records, each in the folder of its account: a bench in its own, all others with the user. */
export function recordsFolder(market: FoundMarket | undefined, terminal: Terminal): string {
  return join(market?.bench === undefined ? configFolder(terminal) : market.folder, RECORDS);
}

/** Opens the record of artifacts that is meant: of the bench of this folder or of one above, else of this user; of the wallet that is named. No key is opened. */
export async function openKeyRecord(
  input: CommandInput,
  terminal: Terminal,
): Promise<ArtifactRecord & { readonly file: string }> {
  const market = findMarketIfAny(input, terminal);
  const said = input.text("record");
  const file = said === undefined ? findRecord(market, input, terminal) : resolve(terminal.cwd, said);
  if (!existsSync(file))
    throw new CommandError(`Cannot find the record of artifacts: there is no "${file}", upload a pod first`, {
      exit: EXIT.notFound,
      tip: "orrery pod upload",
    });
  return { file, ...openArtifactRecord({ path: file, clock: await clockOf(market), random: createSystemRandom() }) };
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

function findRecord(market: FoundMarket | undefined, input: CommandInput, terminal: Terminal): string {
  const folder = recordsFolder(market, terminal);
  const wallet = namedWallet(input, terminal) ?? marketWallet(market);
  if (wallet !== undefined) return join(folder, wallet.account, RECORD_FILE);
  const accounts = existsSync(folder)
    ? readdirSync(folder).filter((one) => existsSync(join(folder, one, RECORD_FILE)))
    : [];
  const [first, second] = accounts;
  if (first !== undefined && second === undefined) return join(folder, first, RECORD_FILE);
  if (first === undefined)
    throw new CommandError(`Cannot find artifacts: nothing was uploaded from "${folder}"`, { exit: EXIT.notFound });
  throw usageError(`Cannot tell whose artifacts are meant: there are those of ${accounts.join(", ")}, name --wallet`);
}
