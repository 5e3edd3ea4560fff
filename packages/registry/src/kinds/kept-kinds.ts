import { OrreryError } from "@orrery/core";
import { parentText } from "../address/address.ts";
import { parseAddress } from "../address/parse-address.ts";
import { PAGE_MAX } from "../limits.ts";
import type { Resource } from "../resource.ts";
import type { Database } from "../store/database.ts";
import { holdWrites, type KindFile, readKindFile, strayKinds, writeKindFile } from "../store/kind-file.ts";
import { migrate } from "../store/migrate.ts";
import { createSqlStore } from "../store/sql-store.ts";
import type { Store } from "../store/store.ts";
import { BASE_KINDS } from "./base-kinds.ts";
import type { Kind } from "./kind.ts";
import { createKindTable, type KnownKind } from "./kind-table.ts";
import { parseKindFile } from "./parse-kind-file.ts";

/** Where kinds are kept. */
export interface KeptKindsOptions {
  /** That of the registry. */
  readonly database: Pick<Database, "kysely">;
  /** The registry's other kinds, but for those that every one has. Default: none. */
  readonly kinds?: readonly Kind[];
}

/** The kinds that came with a file. */
export interface KeptKinds {
  /** What the file was called. */
  readonly file: string;
  readonly kinds: readonly Kind[];
}

/**
 * Reads the kinds that a registry keeps, over a database of the newest schema; undefined where no file was taken.
 * @throws OrreryError `invalid_argument` where they do not fit the others any more
 */
export async function readKeptKinds({ database, kinds = [] }: KeptKindsOptions): Promise<KeptKinds | undefined> {
  const kept = await readKindFile(database.kysely);
  if (kept === undefined) return undefined;
  const { name: file, content } = kept;
  return { file, kinds: parseKindFile(content, { file, beside: [...BASE_KINDS, ...kinds] }) };
}

/**
 * Has a registry that is not open keep the kinds of a file in the place of those that it kept. `createRegistry` over the same database has them from
 * then on, and so has a backup.
 * @throws OrreryError `invalid_argument` as `parseKindFile`; `failed_precondition` where resources are there that would have no kind, or not fit theirs
 */
export async function keepKinds(file: KindFile, { database, kinds = [] }: KeptKindsOptions): Promise<void> {
  const beside = [...BASE_KINDS, ...kinds];
  const next = parseKindFile(file.content, { file: file.name, beside });
  const table = createKindTable([...beside, ...next]);
  await migrate(database);
  await database.kysely.transaction().execute(async (transaction) => {
    await holdWrites(transaction);
    const before = await readKindFile(transaction);
    if (before?.content !== file.content) {
      const failing = `Cannot take the kinds of "${file.name}"`;
      const [stray] = await strayKinds(
        transaction,
        table.all().map(({ name }) => name),
      );
      if (stray !== undefined) throw refusal(failing, stray);
      const store = createSqlStore({ kysely: transaction });
      const old = before === undefined ? [] : kindsOf(before, beside);
      for (const kind of next) {
        const was = old.find(({ name }) => name === kind.name);
        if (JSON.stringify(was) === JSON.stringify(kind)) continue;
        await assertFit(store, { kind: table.get(kind.name), was, failing });
      }
    }
    await writeKindFile(transaction, file);
  });
}

/** Those of the file that was kept; none where it cannot be read any more, so that all resources are looked at. */
function kindsOf({ name, content }: KindFile, beside: readonly Kind[]): readonly Kind[] {
  try {
    return parseKindFile(content, { file: name, beside });
  } catch {
    return [];
  }
}

function refusal(
  failing: string,
  { kind, count, address }: { readonly kind: string; readonly count: number; readonly address: string },
): OrreryError {
  const whose = count === 1 ? `${address} is one` : `${count} resources are one, such as ${address}`;
  const why = `"${kind}" would be no kind any more, and ${whose}, remove what has it first, or leave the kind in the file`;
  return new OrreryError("failed_precondition", `${failing}: ${why}`, { details: { kind, count, address } });
}

interface Wanted {
  readonly kind: KnownKind;
  /** What it was, where it came with a file before. */
  readonly was: Kind | undefined;
  readonly failing: string;
}

/** Looks at every resource of a kind. */
async function assertFit(store: Store, { kind, was, failing }: Wanted): Promise<void> {
  for (let after: string | undefined; ; ) {
    const place = after === undefined ? {} : { after };
    const page = await store.list({ reach: "kind", root: kind.name, limit: PAGE_MAX, ...place });
    const above = await store.load([...new Set(page.map(({ address }) => parentText(address)))]);
    const parents = new Map(above.map((one) => [one.address, one.kind]));
    for (const resource of page) {
      const why = misfit(resource, { kind, was, parent: parents.get(parentText(resource.address)) ?? "root" });
      if (why === undefined) continue;
      const { address } = resource;
      throw new OrreryError(
        "failed_precondition",
        `${failing}: "${address}" would not fit kind "${kind.name}", ${why}, change or remove it first`,
        { details: { kind: kind.name, address } },
      );
    }
    after = page.at(-1)?.address;
    if (page.length < PAGE_MAX || after === undefined) return;
  }
}

/** Says why a resource could not be of a kind as it would be; undefined where it could. */
function misfit(
  { address, status, finalizers, properties, secrets = {} }: Resource,
  { kind, was, parent }: { readonly kind: KnownKind; readonly was: Kind | undefined; readonly parent: string },
): string | undefined {
  const { data, life, rules } = kind;
  const form = parseAddress(address).segments.at(-1)?.form;
  if (form !== undefined && !data.segments.includes(form)) return `its own part of the address is a ${form}`;
  if (!data.parents.includes(parent)) return parent === "root" ? "it lies in nothing" : `it lies in a ${parent}`;
  if (!Object.hasOwn(life, status.state)) return `it is ${status.state}, which would be no state of it`;
  if (was?.driver !== undefined && was.driver !== data.driver && finalizers.includes(was.driver))
    return `it waits for its driver "${was.driver}" before it goes`;
  const wrong = rules.misfit(properties);
  if (wrong !== undefined) return wrong;
  for (const name of Object.keys(properties)) {
    const isSecret = Object.hasOwn(secrets, name);
    if (isSecret !== rules.isSecret(name)) return `its "${name}" is kept ${isSecret ? "as a secret" : "open"}`;
  }
  return undefined;
}
