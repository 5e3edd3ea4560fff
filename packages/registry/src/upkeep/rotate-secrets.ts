import { OrreryError } from "@orrery/core";
import type { By, Registry } from "../registry.ts";
import type { KeyRing } from "../system-key-ring.ts";

/** Something beside a registry that has secrets which its keys closed. */
export interface Resealer {
  /** Closes all of them with the newest key. Gives how many. */
  reseal(): Promise<number>;
}

/** What is turned over. */
export interface RotateSecretsOptions {
  readonly registry: Registry;
  /** The keys that the registry closes with. */
  readonly keys: KeyRing;
  /** Agents that may. */
  readonly operators: readonly string[];
  /** What else was closed with them. Default: nothing. */
  readonly resealers?: readonly Resealer[];
}

/**
 * Closes all secrets with a new key, then forgets the others. Ended in the middle, at whatever moment, it leaves a key file with all keys that
 * anything is closed with; asked again, it does all of it.
 * @throws OrreryError `permission_denied` for anybody but operators, and as the registry's writes
 */
export async function rotateSecrets(
  { registry, keys, operators, resealers = [] }: RotateSecretsOptions,
  { agent }: By,
): Promise<{ readonly resources: number; readonly key: string }> {
  assertOperator(operators, agent, "rotate secrets");
  const key = keys.rotate();
  const resources = await registry.reseal({ agent });
  for (const other of resealers) await other.reseal();
  keys.dropOld();
  return { resources, key };
}

/** @throws OrreryError `permission_denied` */
export function assertOperator(operators: readonly string[], agent: string, doing: string): void {
  if (operators.includes(agent)) return;
  throw new OrreryError("permission_denied", `Cannot ${doing} as "${agent || "anonymous"}": only operators may`);
}
