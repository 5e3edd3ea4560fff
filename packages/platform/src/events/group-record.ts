import type { GroupState, Held } from "./group-state.ts";

/** A held event as it is written: shorter, for a record has many. */
type Row = readonly [
  offset: number,
  key: string,
  kind: Held["kind"],
  attempt: number,
  due: number,
  by: string,
  why?: string,
];

/** Writes how a group stands as text. */
export function printGroup({ held, ...state }: GroupState): string {
  const rows = held.map(({ offset, key, kind, attempt, due, by, why }): Row => {
    return why === undefined ? [offset, key, kind, attempt, due, by] : [offset, key, kind, attempt, due, by, why];
  });
  return JSON.stringify({ ...state, held: rows });
}

/** Reads it. */
export function parseGroup(text: string): GroupState {
  const { held, ...state } = JSON.parse(text) as Omit<GroupState, "held"> & { readonly held: readonly Row[] };
  return {
    ...state,
    held: held.map(([offset, key, kind, attempt, due, by, why]) => {
      return { offset, key, kind, attempt, due, by, ...(why !== undefined && { why }) };
    }),
  };
}
