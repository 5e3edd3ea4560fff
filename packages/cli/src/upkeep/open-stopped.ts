import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { lockFolder } from "@orrery/mesh/supervise";
import { SPACE_SCHEMAS } from "@orrery/platform";
import { type BlobStore, createRegistry, type Registry, type Schema } from "@orrery/registry";
import { type KeyRing, openKeyRing } from "@orrery/registry/upkeep";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { openBlobs } from "../up/open-blobs.ts";
import { type OpenedDatabase, openDatabase } from "../up/open-database.ts";
import { PLATFORM_KINDS } from "../up/platform-kinds.ts";

/** What `orrery up` keeps in a folder, while it does not run. */
export interface Stopped extends AsyncDisposable {
  readonly folder: string;
  readonly database: OpenedDatabase;
  readonly blobs: BlobStore;
  /** What services keep in the database beside the registry. */
  readonly schemas: readonly Schema[];
}

/** Opens a folder over which no `orrery up` runs. @throws CommandError where it is not there; OrreryError where one runs over it */
export async function openStopped(folder: string, input: CommandInput, terminal: Terminal): Promise<Stopped> {
  if (!existsSync(folder))
    throw new CommandError(`Cannot open "${folder}": there is no such folder`, { exit: EXIT.notFound });
  await using parts = new AsyncDisposableStack();
  parts.use(
    await lockFolder(folder, {
      purpose: "up",
      refusal: (pid) =>
        `Cannot open "${folder}": orrery up runs over it${pid === undefined ? "" : `, process ${pid}`}, leave --data out to ask that, or stop it first`,
    }),
  );
  const keys = input.text("blob-keys");
  const places = {
    blobs: input.text("blobs") ?? "directory",
    blobKeys: keys === undefined ? undefined : resolve(terminal.cwd, keys),
  };
  const { store: blobs } = parts.use(await openBlobs(folder, places));
  const onProgress = () => {};
  const database = parts.adopt(
    await openDatabase(folder, { database: input.text("database") ?? "embedded", onProgress }),
    (one) => one.close(),
  );
  const open = parts.move();
  return { folder, database, blobs, schemas: SPACE_SCHEMAS, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** The registry of a folder over which no `orrery up` runs, and its keys. */
export interface StoppedRegistry extends AsyncDisposable {
  readonly registry: Registry;
  readonly keys: KeyRing;
}

/** Opens the registry of such a folder, with every kind that its platform has. */
export async function openStoppedRegistry({ folder, database }: Stopped): Promise<StoppedRegistry> {
  const keys = openKeyRing(join(folder, "secrets.key"));
  const [clock, random] = [createSystemClock(), createSystemRandom()];
  const registry = await createRegistry({ database, secrets: keys, clock, random, kinds: PLATFORM_KINDS });
  return { registry, keys, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() };
}

/** The folder that --data names, where one does. */
export function stoppedFolder(input: CommandInput, terminal: Terminal): string | undefined {
  const data = input.text("data");
  return data === undefined ? undefined : resolve(terminal.cwd, data);
}
