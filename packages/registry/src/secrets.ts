/** What closes secrets by a key of this machine, without all else of a registry. */
export type { SecretBox } from "./secret-box.ts";
export { readPrivateFile } from "./system-private-file.ts";
export { createSecretBox, openKeyFile, type SecretKey } from "./system-secret-box.ts";
