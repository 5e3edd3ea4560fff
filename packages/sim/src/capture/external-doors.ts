import { OrreryError } from "@orrery/core";
import { currentOwner, type Owner } from "./owner.ts";
import { type RealCall, refuse } from "./refusal.ts";
import { bufferResponse } from "./system-node-values.ts";

/** Calls whose promises come from `util.promisify` and give plain data. */
const PROMISIFIED = new Set([
  "child_process.execFile",
  "child_process.exec",
  "dns.lookup",
  "dns.lookupService",
  "fs.exists",
]);

/** Whether what `util.promisify` makes of a call can be recorded. */
export function isRecorded(name: string): boolean {
  return PROMISIFIED.has(name);
}

/** What is called for real, and with what. */
interface Making {
  readonly given: readonly unknown[];
  readonly run: () => unknown;
}

/** Makes a real call of an owner in the mode `external`. @throws OrreryError where the owner has nowhere to record it */
export function makeExternally(owner: Owner, { name }: RealCall, { given, run }: Making): Promise<unknown> {
  const { externals } = owner;
  if (externals === undefined) throw withoutRecord(owner, name);
  if (name !== "fetch") return externals.call(owner, { name, given, run });
  const described = given[0] instanceof Request ? [given[0].method, given[0].url, ...given.slice(1)] : given;
  return externals.call(owner, { name, given: described, run: async () => bufferResponse((await run()) as Response) });
}

function withoutRecord(owner: Owner, name: string): OrreryError {
  const text = `Cannot call ${name} at node "${owner.name}": its owner has no external calls to record it in, give it externals`;
  return new OrreryError("failed_precondition", text);
}

/**
 * Does something for real in a captured world: the clock of the world stands still until the promise is settled, and what it gave (plain
 * data, bytes or an error) is recorded under `name`, or taken from a record without doing it. Outside of a world it only calls `run`.
 * @param name tells the call from others in the record; `given` does so too
 * @throws OrreryError `failed_precondition` in a world whose capture is not `external`, or when the record has another call here
 * @example
 * const rows = await external("orders of today", () => pool.query("select …"));
 */
export async function external<T>(name: string, run: () => PromiseLike<T>, given: readonly unknown[] = []): Promise<T> {
  const owner = currentOwner();
  if (owner === undefined) return await run();
  if (owner.mode !== "external") {
    const call = {
      name: `external "${name}"`,
      why: "it is done for real",
      mend: 'run the world with capture "external"',
    };
    const error = refuse(owner, call, external);
    if (error !== undefined) throw error;
    return await run();
  }
  if (owner.externals === undefined) throw withoutRecord(owner, `external "${name}"`);
  return (await owner.externals.call(owner, { name, given, run })) as T;
}
