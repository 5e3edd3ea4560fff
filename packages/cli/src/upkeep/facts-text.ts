import type { BackupFacts } from "@orrery/registry/upkeep";
import { formatBytes } from "../operate/format.ts";

/** What a backup has, in a line for people. */
export function factsText({ revision, resources, blobs, bytes, parts = {} }: BackupFacts): string {
  const others = Object.entries(parts).map(([part, files]) => `, ${files} files of ${part}`);
  return `revision ${revision}, ${resources} resources, ${blobs} blobs of ${formatBytes(bytes)}${others.join("")}`;
}
