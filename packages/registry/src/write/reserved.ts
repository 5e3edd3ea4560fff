import { OrreryError } from "@orrery/core";
import { RESERVED_PARTS, type ReservedPart } from "../kinds/kind.ts";
import type { KnownKind } from "../kinds/kind-table.ts";
import { isOperator } from "../rights/decide.ts";
import type { Doing } from "./ground.ts";

/** @throws OrreryError `permission_denied` where a request sets a part that its kind reserves, and whoever asks is none of those */
export function assertMaySet(
  request: { readonly [part in ReservedPart]?: unknown },
  { address, kind }: { readonly address: string; readonly kind: KnownKind },
  { by, ground, isTrusted = false }: Doing,
): void {
  const { driver, reserved = RESERVED_PARTS } = kind.data;
  const part = reserved.find((one) => request[one] !== undefined);
  if (part === undefined || isTrusted || isOperator(by.agent, ground.rights) || by.agent === driver) return;
  const whose =
    driver === undefined
      ? "operators and the services here"
      : `its driver "${driver}", operators and the services here`;
  throw new OrreryError(
    "permission_denied",
    `Cannot set the ${part} of "${address}" as "${by.agent}": of a ${kind.name} only ${whose} set that, ${HINTS[part]}`,
    { details: { address, part } },
  );
}

const HINTS: Readonly<Record<ReservedPart, string>> = {
  state: "send bytes as a file or a bundle",
  status: "it follows from what is done with it",
  finalizers: "it goes when they are done",
  properties: "ask the service that makes it",
};
