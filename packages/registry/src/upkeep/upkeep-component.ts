import { type Component, defineComponent, OrreryError } from "@orrery/core";
import type { BlobStore } from "../blobs/blob-store.ts";
import { UpkeepService } from "../gen/orrery/registry/v1/upkeep_pb.ts";
import type { Registry } from "../registry.ts";
import type { Database } from "../store/database.ts";
import type { Schema } from "../store/schema.ts";
import type { KeyRing } from "../system-key-ring.ts";
import type { BackupPart } from "./backup-part.ts";
import { checkOwners } from "./check-owners.ts";
import { assertOperator, type Resealer, rotateSecrets } from "./rotate-secrets.ts";
import { openBackup } from "./write-backup.ts";

/** What is kept up. */
export interface UpkeepOptions {
  readonly registry: Registry;
  /** Where the registry is kept. */
  readonly database: Database;
  readonly blobs: BlobStore;
  /** What the registry closes secrets with. */
  readonly keys: KeyRing;
  /** Where a backup puts tables meanwhile; nobody else uses it. */
  readonly folder: string;
  /** What a backup has besides. Default: nothing. */
  readonly parts?: readonly BackupPart[];
  /** Agents that may. */
  readonly operators: readonly string[];
  /** What services keep in the database beside the registry. Default: nothing. */
  readonly schemas?: readonly Schema[];
  /** What services closed with the keys. Default: nothing. */
  readonly resealers?: readonly Resealer[];
  /** Whether others may have the database open. Default: false. */
  readonly isShared?: boolean;
}

/** Makes the component by which operators keep a registry up: `orrery.registry.v1.UpkeepService`. */
export function createUpkeepComponent(options: UpkeepOptions): Component {
  const { operators, isShared = false } = options;
  let isBusy = false;
  /** One after the other: they would share a folder, and a key that comes while another goes would be forgotten with it. */
  const alone = (doing: string, agent: string) => {
    assertOperator(operators, agent, doing);
    if (isBusy)
      throw new OrreryError("resource_exhausted", `Cannot ${doing}: a backup or a rotation is under way, wait for it`);
    isBusy = true;
    return {
      [Symbol.dispose]: () => {
        isBusy = false;
      },
    };
  };
  return defineComponent(
    UpkeepService,
    () => ({
      rotateSecrets: async (request, { agent }) => {
        using _ = alone("rotate secrets", agent);
        if (isShared && !request.alone)
          throw new OrreryError(
            "failed_precondition",
            "Cannot rotate secrets: other servers may have the database open, which would not have the new key, stop them and say --alone",
          );
        const { resources, key } = await rotateSecrets(options, { agent });
        return { resources: BigInt(resources), key };
      },
      checkOwners: async (_, { agent }) => {
        const { resources, owners, brokenCount, ...found } = await checkOwners(options, { agent });
        const counts = { resources: BigInt(resources), owners: BigInt(owners), brokenCount: BigInt(brokenCount) };
        return { ...counts, steps: found.steps, broken: [...found.broken] };
      },
      async *backup(_, { agent }) {
        using _alone = alone("back up the registry", agent);
        await using backup = await openBackup(options);
        yield { facts: JSON.stringify(backup.facts), bytes: BigInt(backup.bytes) };
        for await (const piece of backup.read()) yield { piece };
      },
    }),
    { streams: "beside" },
  );
}
