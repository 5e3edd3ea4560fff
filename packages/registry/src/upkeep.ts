/** What operators do with a registry as a whole: back it up, restore it, turn its keys over. */
export { UpkeepService } from "./gen/orrery/registry/v1/upkeep_pb.ts";
export { type KeyRing, openKeyRing } from "./system-key-ring.ts";
export type { BackupFacts } from "./upkeep/backup-facts.ts";
export type { BackupPart, HeldPart, PartFile } from "./upkeep/backup-part.ts";
export { type BrokenOwner, type CheckOwnersOptions, checkOwners, type OwnersFound } from "./upkeep/check-owners.ts";
export { type RestoreBackupOptions, restoreBackup } from "./upkeep/restore-backup.ts";
export { type Resealer, rotateSecrets } from "./upkeep/rotate-secrets.ts";
export { createUpkeepComponent, type UpkeepOptions } from "./upkeep/upkeep-component.ts";
export { type Backup, type BackupOptions, openBackup } from "./upkeep/write-backup.ts";
