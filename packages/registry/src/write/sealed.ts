import { OrreryError } from "@orrery/core";
import { parentText } from "../address/address.ts";
import type { KnownKind } from "../kinds/kind-table.ts";
import type { Resource } from "../resource.ts";
import type { ChangeRequest } from "./change.ts";
import type { Draft } from "./draft.ts";
import type { Doing } from "./ground.ts";

/** @throws OrreryError `failed_precondition` for what is made whole by `apply` alone */
export function assertMayMake(address: string, kind: KnownKind, { isTrusted }: Doing): void {
  if (!kind.data.sealed || isTrusted) return;
  throw new OrreryError(
    "failed_precondition",
    `Cannot create "${address}" as ${kind.name}: that is made only whole, publish it`,
  );
}

/** @throws OrreryError `failed_precondition` for a change of what never changes */
export function assertMayChange({ address }: Resource, kind: KnownKind, request: ChangeRequest): void {
  const what = (["properties", "fixed", "state"] as const).find((part) => request[part] !== undefined);
  if (!kind.data.sealed || what === undefined) return;
  throw new OrreryError(
    "failed_precondition",
    `Cannot change "${address}": it was published and never changes, publish another version`,
  );
}

/** @throws OrreryError `failed_precondition` for what goes only with what it lies in */
export async function assertMayGo(draft: Draft, { address, kind }: Resource, { ground }: Doing): Promise<void> {
  const parent = parentText(address);
  if (parent === "" || !ground.kinds.get(kind).data.sealed) return;
  const above = await draft.get(parent);
  if (above === undefined || !ground.kinds.get(above.kind).data.sealed) return;
  throw new OrreryError(
    "failed_precondition",
    `Cannot remove "${address}": it is part of "${parent}", which never changes, remove the whole version`,
  );
}
