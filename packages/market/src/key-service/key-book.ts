import type { KeyWrap } from "../artifact/key-wrap.ts";
import type { Account } from "../lease/terms.ts";
import type { KeyPolicy } from "./key-policy.ts";
import { AUDIT_MAX } from "./limits.ts";

/** What may happen to a key. */
export const KEY_EVENTS = ["put", "released", "refused", "revoked"] as const;

/** One entry of the audit of a key. */
export interface KeyAuditEntry {
  readonly kind: (typeof KEY_EVENTS)[number];
  /** Ms since 1970. */
  readonly atMs: number;
  /** Who, and why it was refused. */
  readonly text: string;
}

/** One thing that happened to a key. */
export interface KeyEvent extends KeyAuditEntry {
  readonly artifact: string;
  /** Of one that was put: what is kept. */
  readonly put?: Pick<KeptKey, "owner" | "wrap" | "policy">;
}

/** A key as the service has it. */
export interface KeptKey {
  readonly artifact: string;
  readonly owner: Account;
  /** To the service. */
  readonly wrap: KeyWrap;
  readonly policy: KeyPolicy;
  readonly isRevoked: boolean;
  /** How often it was revoked. */
  readonly epoch: number;
  /** The newest last. */
  readonly audit: readonly KeyAuditEntry[];
}

/** What comes of all that happened, one after the other. I1: whoever put a key first owns it; what another puts changes nothing. */
export interface KeyBook {
  apply(event: KeyEvent): void;
  /** Takes a key as it was before. */
  restore(key: KeptKey): void;
  find(artifact: string): KeptKey | undefined;
  /** How many there are, or are of one wallet. */
  count(owner?: Account): number;
  all(): Iterable<KeptKey>;
}

/** Makes a book of nothing. */
export function createKeyBook(): KeyBook {
  const keys = new Map<string, KeptKey>();
  return {
    restore: (key) => void keys.set(key.artifact, key),
    apply: ({ artifact, kind, atMs, text, put }) => {
      const before = keys.get(artifact);
      const isOwn = put !== undefined && (before === undefined || before.owner === put.owner); // I1
      const started = { isRevoked: false, epoch: 0, audit: [] as readonly KeyAuditEntry[] };
      const next = isOwn ? { ...started, ...before, artifact, ...put, isRevoked: false } : before;
      if (next === undefined) return;
      const audit = [...next.audit.slice(1 - AUDIT_MAX), { kind, atMs, text }];
      const isRevoked = kind === "revoked" || next.isRevoked;
      keys.set(artifact, { ...next, audit, isRevoked, epoch: next.epoch + (kind === "revoked" ? 1 : 0) });
    },
    find: (artifact) => keys.get(artifact),
    count: (owner) => {
      const all = keys.values().filter((one) => owner === undefined || one.owner === owner);
      return all.toArray().length;
    },
    all: () => keys.values(),
  };
}
