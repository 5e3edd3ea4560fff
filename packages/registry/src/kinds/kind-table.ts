import { OrreryError } from "@orrery/core";
import { nearNames } from "@orrery/core/edit-distance";
import { DEFAULT_LIFE, type Kind, type Life } from "./kind.ts";
import { compileProperties, type PropertyRules } from "./property-rules.ts";

/** A kind that was checked, with what its properties are held to. */
export interface KnownKind {
  readonly name: string;
  readonly data: Kind;
  readonly life: Life;
  readonly rules: PropertyRules;
}

/** The kinds of one registry. */
export interface KindTable {
  /** @throws OrreryError `invalid_argument` with the nearest name where there is none */
  get(name: string): KnownKind;
  /** All of them, by name. */
  all(): readonly KnownKind[];
}

const NAME = /^[A-Z][A-Za-z0-9]*$/;
/** States that every life has. */
export const NEEDED_STATES: readonly string[] = ["Creating", "Ready", "Destroying", "Destroyed"];

/**
 * Makes the table of a registry's kinds.
 * @throws OrreryError `invalid_argument` where a kind contradicts itself or another
 */
export function createKindTable(kinds: readonly Kind[]): KindTable {
  const table = new Map<string, KnownKind>();
  for (const data of kinds) {
    if (table.has(data.name)) refuse(data, "another kind has that name");
    table.set(data.name, check(data));
  }
  for (const { data } of table.values()) {
    const stray = data.parents.find((parent) => parent !== "root" && !table.has(parent));
    if (stray !== undefined) refuse(data, `its parent "${stray}" is no kind`);
  }
  const get = (name: string) => {
    const kind = table.get(name);
    if (kind !== undefined) return kind;
    const [near] = nearNames(name, table.keys());
    const hint = near === undefined ? `kinds are ${[...table.keys()].sort().join(", ")}` : `did you mean "${near}"?`;
    throw new OrreryError("invalid_argument", `Cannot use kind "${name}": there is none of that name, ${hint}`);
  };
  const all = () => [...table.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { get, all };
}

function check(data: Kind): KnownKind {
  if (!NAME.test(data.name)) refuse(data, "a name is one word that starts with a capital");
  if (data.parents.length === 0) refuse(data, "it has no parent: name kinds, or root");
  if (data.segments.length === 0) refuse(data, "it says nothing of its segment");
  const life = data.life ?? DEFAULT_LIFE;
  const states = new Set(Object.keys(life));
  const missing = NEEDED_STATES.find((state) => !states.has(state));
  if (missing !== undefined) refuse(data, `its life has no "${missing}"`);
  const stray = Object.values(life)
    .flat()
    .find((state) => !states.has(state));
  if (stray !== undefined) refuse(data, `its life leads to "${stray}", which is no state of it`);
  return { name: data.name, data, life, rules: compileProperties(data) };
}

function refuse({ name }: Kind, why: string): never {
  throw new OrreryError("invalid_argument", `Cannot use kind "${name}": ${why}`);
}
