import { fileURLToPath } from "node:url";

/** Folder of the components that tests launch. */
export const APPS: string = fileURLToPath(new URL("./apps/", import.meta.url));
