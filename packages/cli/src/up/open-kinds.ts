import { type Database, type Kind, type KindFile, keepKinds, migrate, readKeptKinds } from "@orrery/registry";
import { PLATFORM_KINDS } from "./platform-kinds.ts";

/** Which kinds came with a file. */
export interface KeptKindNames {
  /** What the file was called; empty where none was taken. */
  readonly file: string;
  readonly names: readonly string[];
}

/** The kinds that a registry is to be opened with. */
export interface OpenedKinds extends KeptKindNames {
  /** All but those of the file, which the registry finds in its database, and those that every one has. */
  readonly kinds: readonly Kind[];
}

/** Has a registry that is about to be opened keep a file of kinds, where one came. @throws OrreryError as `keepKinds` and `readKeptKinds` */
export async function openKinds(
  database: Database,
  { kinds: more = [], kindFile }: { readonly kinds?: readonly Kind[]; readonly kindFile?: KindFile },
): Promise<OpenedKinds> {
  const kinds = [...PLATFORM_KINDS, ...more];
  if (kindFile === undefined) await migrate(database);
  else await keepKinds(kindFile, { database, kinds });
  const kept = await readKeptKinds({ database, kinds });
  return { kinds, file: kept?.file ?? "", names: (kept?.kinds ?? []).map(({ name }) => name) };
}
