import { createHash } from "node:crypto";
import type { AuditEntry } from "./audit.ts";

/** The hash of an entry, behind the hash of the one before; that of the first is empty. */
export function auditHash(before: string, entry: Omit<AuditEntry, "hash">): string {
  const { number, at, actor, act, target, outcome } = entry;
  const text = JSON.stringify([before, number, at, actor, act, target, outcome]);
  return createHash("sha256").update(text).digest("hex");
}
