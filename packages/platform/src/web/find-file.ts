import { type Address, type BlobRef, printAddress, type ResourceView } from "@orrery/registry";
import { resolveTagsIn } from "@orrery/registry/bundles";
import type { FilesTarget } from "../bind/bind.ts";
import type { Caught } from "../bind/route-table.ts";
import { fillTemplate } from "../bind/template.ts";
import type { Found, Lookout } from "./lookout.ts";

/** What a path of a visitor leads to. */
export type FoundFile =
  | { readonly kind: "file"; readonly found: Found; readonly content: BlobRef }
  /** A directory whose path lacks its slash. */
  | { readonly kind: "directory" }
  /** Nothing, or nothing that everybody may read: then its address, for the log. */
  | { readonly kind: "none"; readonly denied?: string };

/** What stands for a directory. */
const INDEX = "index.html";

/** Finds the file that a visitor means: `index.html` where the path ends in a slash. */
export async function findFile(
  target: FilesTarget,
  caught: Caught,
  lookout: Pick<Lookout, "find">,
): Promise<FoundFile> {
  const path = fillTemplate(target.path, caught.value);
  const read = async (tag: string) => (await lookout.find(tag))?.resource;
  const address = await resolveTagsIn(target.address, read, { isVersionMeant: true });
  if (address === undefined || path.includes("//")) return { kind: "none" };
  if (path.endsWith("/")) return look(address, `${path}${INDEX}`, lookout);
  const file = await look(address, path, lookout);
  if (file.kind !== "none" || file.denied !== undefined) return file;
  const index = await look(address, `${path}/${INDEX}`, lookout);
  return index.kind === "file" ? { kind: "directory" } : file;
}

async function look(address: Address, path: string, lookout: Pick<Lookout, "find">): Promise<FoundFile> {
  const text = printAddress({ ...address, path });
  const found = await lookout.find(text);
  const content = found && contentOf(found.resource);
  if (found === undefined || content === undefined) return { kind: "none" };
  return found.isPublic ? { kind: "file", found, content } : { kind: "none", denied: text };
}

function contentOf({ state, status }: ResourceView): BlobRef | undefined {
  return status.state === "Ready" ? state["content"] : undefined;
}
