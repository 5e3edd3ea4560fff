import type { KnownKind } from "../kinds/kind-table.ts";
import type { PastValue, Resource } from "../resource.ts";
import type { Draft } from "./draft.ts";
import type { Doing } from "./ground.ts";

/** A resource that is about to be put, with what is remembered of its properties. */
export function remember(
  draft: Draft,
  { after, before, kind }: { readonly after: Resource; readonly before?: Resource; readonly kind: KnownKind },
  { by, ground }: Doing,
): Resource {
  const past: Record<string, readonly PastValue[]> = { ...before?.past };
  for (const [name, { remembered = 0 }] of Object.entries(kind.data.properties ?? {})) {
    const value = after.properties[name];
    if (remembered === 0 || value === undefined || value === before?.properties[name]) continue;
    const now = { value, revision: draft.nextRevision(), at: ground.now(), agent: by.agent };
    past[name] = [...(past[name] ?? []), now].slice(-remembered);
  }
  return Object.keys(past).length === 0 ? after : { ...after, past };
}
