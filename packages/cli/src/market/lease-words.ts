import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { LeaseRecord } from "@orrery/market";
import { typed, usageError } from "../command-error.ts";
import type { MarketContext } from "./open-market.ts";
import { POD_FILE, readPodFile } from "./pod-file.ts";

/**
 * Finds the lease that is typed: by its name or the beginning of it, by a pod's name, or by a pod file. Where nothing is typed and the folder has no pod
 * file, the only one that there is. @throws CommandError where there is none, or it is not clear which is meant
 */
export async function leaseOf(
  { input, terminal, publisher, market }: MarketContext,
  word = input.words[0],
): Promise<LeaseRecord> {
  const said = await nameOf(word);
  const provider = input.text("provider");
  return await typed(() =>
    publisher.find(said, provider === undefined ? undefined : (market.providers?.[provider] ?? provider)),
  );

  async function nameOf(typedWord: string | undefined): Promise<string> {
    const file = typedWord ?? POD_FILE;
    if (typedWord === undefined && !isFileAt(resolve(terminal.cwd, file))) {
      const going = (await publisher.leases()).filter(({ step }) => step !== "ended");
      if (going.length === 1 && going[0] !== undefined) return going[0].lease;
      if (going.length > 1)
        throw usageError(`Cannot tell which pod is meant: name ${going.map(({ pod }) => pod).join(" or ")}`);
    }
    const isFile = typedWord === undefined || /\.ya?ml$/.test(typedWord) || isFileAt(resolve(terminal.cwd, typedWord));
    if (!isFile) return typedWord;
    return (await readPodFile({ ...input, words: [file] }, terminal)).pod.name;
  }
}

function isFileAt(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** A time for people, of ms since 1970. */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().replace(".000Z", "Z");
}
