import { OrreryError } from "@orrery/core";
import type { LeaseRecord } from "./lease-record.ts";

/**
 * The lease that somebody means: its name or the beginning of it, or the name of a pod, of which those that go on count before those that are over.
 * @throws OrreryError `not_found` with those that there are; `invalid_argument` where several are meant
 */
export function findLease(
  records: readonly LeaseRecord[],
  { said, provider }: { readonly said: string; readonly provider?: string | undefined },
): LeaseRecord {
  const isName = /^0x[0-9a-fA-F]{2,64}$/.test(said);
  const named = records.filter(({ lease, pod }) => (isName ? lease.startsWith(said.toLowerCase()) : pod === said));
  const there = named.filter(
    (one) => provider === undefined || one.provider.url.replace(/\/$/, "") === provider.replace(/\/$/, ""),
  );
  const going = there.filter(({ step }) => step !== "ended");
  const found = going.length > 0 ? going : there.slice(-1);
  const [first, second] = found;
  if (first === undefined) {
    const known = [...new Set(records.filter(({ step }) => step !== "ended").map(({ pod }) => pod))];
    const why = known.length === 0 ? "you have none" : `you have leases for ${known.join(", ")}`;
    const where = provider === undefined ? "" : ` at "${provider}"`;
    throw new OrreryError("not_found", `Cannot find a lease for "${said}"${where}: ${why}`);
  }
  if (second === undefined) return first;
  const all = found.map(({ lease, provider: { url } }) => `${lease.slice(0, 10)} at ${url}`).join(", ");
  throw new OrreryError("invalid_argument", `Cannot tell which lease "${said}" is: name one of ${all}`);
}
