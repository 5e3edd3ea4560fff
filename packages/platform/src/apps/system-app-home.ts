import { createHash } from "node:crypto";

/** Name of the folder of an app. */
export function homeOf(app: string): string {
  return createHash("sha256").update(app).digest("hex").slice(0, 24);
}
