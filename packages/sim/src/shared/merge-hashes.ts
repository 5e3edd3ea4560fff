import { OrreryError } from "@orrery/core";
import { createHashChain } from "../trace/hash-chain.ts";
import type { MemberResult } from "./grant.ts";

/**
 * Joins the hashes of several members to that of their world: the same as of one process that runs it all.
 * @throws OrreryError `data_loss` when members saw the world's own events differently.
 */
export function mergeHashes(results: readonly MemberResult[]): {
  readonly hash: string;
  readonly hashes: ReadonlyMap<string, string>;
} {
  const hashes = new Map<string, string>();
  const longest = results.reduce((length, result) => Math.max(length, result.hashes.length), 0);
  for (let number = 0; number < longest; number++) {
    const rows = results.flatMap(({ member, nodes, hashes: own }) => {
      const row = own[number];
      return row === undefined ? [] : [{ member, row, isHost: nodes.includes(row[0]) }];
    });
    const [name, hash] = (rows.find(({ isHost }) => isHost) ?? rows[0])?.row ?? ["", ""];
    if (number === 0) assertSame(rows.map(({ member, row }) => ({ member, hash: row[1] })));
    const isHosted = number === 0 || rows.some(({ isHost }) => isHost);
    hashes.set(name, isHosted ? hash : createHashChain().hash);
  }
  const all = createHashChain();
  for (const [name, hash] of [...hashes].sort(([a], [b]) => (a < b ? -1 : 1))) all.text(name).text(hash);
  return { hash: all.hash, hashes };
}

function assertSame(rows: readonly { readonly member: number; readonly hash: string }[]): void {
  const [first] = rows;
  const other = rows.find(({ hash }) => hash !== first?.hash);
  if (first === undefined || other === undefined) return;
  const text = `Cannot join the traces: members ${first.member} and ${other.member} saw different events of the world itself, build the same world in each`;
  throw new OrreryError("data_loss", text);
}
