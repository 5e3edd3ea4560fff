import { OrreryError } from "@orrery/core";
import { parentText } from "../address/address.ts";
import type { PropertyValue } from "../kinds/kind.ts";
import type { KnownKind } from "../kinds/kind-table.ts";
import type { BlobRef, ChangePart, Resource, Status } from "../resource.ts";
import type { Draft } from "./draft.ts";
import { assertMayGrant } from "./grant-rules.ts";
import { assertMay, type Doing, existing, judge, localAddress } from "./ground.ts";
import { assertUnlocked } from "./locks.ts";
import { assertMayGive } from "./owners.ts";
import { assertReferences } from "./references.ts";
import { remember } from "./remember.ts";
import { finishRemoval } from "./remove.ts";
import { assertMaySet } from "./reserved.ts";
import { assertMayChange } from "./sealed.ts";
import { sealSecrets } from "./secret-properties.ts";

/** What shall be another way; what is absent stays. */
export interface ChangeRequest {
  readonly address: string;
  /** Values to set; `undefined` removes a property. */
  readonly properties?: Readonly<Record<string, PropertyValue | undefined>>;
  /** Names of properties that it may not change by itself, all of them. */
  readonly fixed?: readonly string[];
  /** Labels to set; `undefined` removes one. */
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly owner?: string;
  readonly status?: Status;
  /** Aspects to set. */
  readonly state?: Readonly<Record<string, BlobRef>>;
  /** Names of finalizers that are done, or must be waited for. */
  readonly finalizers?: { readonly add?: readonly string[]; readonly done?: readonly string[] };
  /** The revision that the resource must be at. Default: any. */
  readonly ifRevision?: number;
}

/** Changes a resource. Gives its address. Where all is so already, nothing is written. */
export async function applyChange(draft: Draft, request: ChangeRequest, doing: Doing): Promise<string> {
  const { by, ground } = doing;
  const address = localAddress(request.address);
  await assertMay({ agent: by.agent, verb: "write", address }, { reads: draft, rights: ground.rights });
  const before = await existing(draft, address, "change");
  assertUnlocked(before, by, { now: ground.now() });
  if (request.ifRevision !== undefined && request.ifRevision !== before.revision)
    throw new OrreryError(
      "aborted",
      `Cannot change "${address}": it is at revision ${before.revision}, not ${request.ifRevision}, read it again`,
      {
        details: { address, revision: before.revision },
      },
    );
  const kind = ground.kinds.get(before.kind);
  assertMayChange(before, kind, request);
  assertMaySet(request, { address, kind }, doing);
  const after = await changed(draft, { before, kind, request }, doing);
  const parts = partsOf(before, after);
  if (parts.length === 0) return address;
  if (parts.includes("properties")) await assertMayGrant(draft, after, doing);
  draft.put(remember(draft, { after, before, kind }, doing), parts, by.agent);
  if (parts.includes("finalizers")) await finishRemoval(draft, address, by.agent);
  return address;
}

interface Step {
  readonly before: Resource;
  readonly kind: KnownKind;
  readonly request: ChangeRequest;
}

async function changed(draft: Draft, { before, kind, request }: Step, doing: Doing): Promise<Resource> {
  const { address } = before;
  const { ground } = doing;
  let after: Resource = before;
  if (request.properties !== undefined || request.fixed !== undefined) {
    await assertNotFixed(draft, { before, kind, request }, doing);
    const said = kind.rules.change(before.properties, request.properties ?? {}, address);
    await assertReferences(draft, { address, kind, properties: said });
    const { properties, secrets } = sealSecrets(said, {
      address,
      kind,
      box: ground.secrets,
      before: before.secrets ?? {},
    });
    const { secrets: _, ...rest } = after;
    after = { ...rest, properties, ...(Object.keys(secrets).length === 0 ? {} : { secrets }) };
  }
  if (request.fixed !== undefined) after = { ...after, fixed: [...new Set(request.fixed)].sort() };
  if (request.labels !== undefined) after = { ...after, labels: merged(before.labels, request.labels) };
  if (request.state !== undefined) after = { ...after, state: { ...before.state, ...request.state } };
  if (request.status !== undefined) after = { ...after, status: judgeStatus(before, request.status, kind) };
  if (request.owner !== undefined && request.owner !== before.owner) {
    await assertMayGive(draft, { before, owner: request.owner }, doing);
    after = { ...after, owner: request.owner };
  }
  if (request.finalizers !== undefined) {
    const { add = [], done = [] } = request.finalizers;
    const left = [...new Set([...before.finalizers, ...add])].filter((name) => !done.includes(name));
    after = { ...after, finalizers: left };
  }
  return after;
}

/** What is fixed may be changed by those only who may write what the resource lies in. */
async function assertNotFixed(draft: Draft, { before, kind, request }: Step, { by, ground }: Doing): Promise<void> {
  const touched = Object.keys(request.properties ?? {});
  const name =
    request.fixed !== undefined
      ? "fixed"
      : touched.find((one) => before.fixed.includes(one) || kind.rules.isLocked(one));
  if (name === undefined) return;
  const decision = await judge(
    { agent: by.agent, verb: "write", address: parentText(before.address) },
    { reads: draft, rights: ground.rights },
  );
  if (decision.allowed) return;
  throw new OrreryError(
    "permission_denied",
    `Cannot set "${name}" of "${before.address}" as "${by.agent}": it is fixed, only who may write "${parentText(before.address)}" may`,
  );
}

function judgeStatus({ address, status: before }: Resource, after: Status, { name, life }: KnownKind): Status {
  if (after.state === before.state) return after;
  const next = life[before.state] ?? [];
  if (next.includes(after.state) && after.state !== "Destroyed" && after.state !== "Destroying") return after;
  const allowed = next.filter((state) => state !== "Destroyed" && state !== "Destroying");
  const hint = allowed.length === 0 ? "nothing follows it" : `it may become ${allowed.join(", ")}`;
  throw new OrreryError(
    "failed_precondition",
    `Cannot make "${address}" ${after.state}: a ${name} that is ${before.state} may not become that, ${hint}`,
    {
      details: { address, from: before.state, to: after.state },
    },
  );
}

function merged(
  before: Readonly<Record<string, string>>,
  said: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const after: Record<string, string> = { ...before };
  for (const [name, value] of Object.entries(said)) {
    if (value === undefined) delete after[name];
    else after[name] = value;
  }
  return after;
}

function partsOf(before: Resource, after: Resource): readonly ChangePart[] {
  const differ = (a: unknown, b: unknown) => a !== b && JSON.stringify(a) !== JSON.stringify(b);
  const properties =
    differ(before.properties, after.properties) ||
    differ(before.secrets, after.secrets) ||
    differ(before.fixed, after.fixed);
  return [
    ...(properties ? (["properties"] as const) : []),
    ...(differ(before.labels, after.labels) ? (["labels"] as const) : []),
    ...(before.owner === after.owner ? [] : (["owner"] as const)),
    ...(differ(before.status, after.status) ? (["status"] as const) : []),
    ...(differ(before.state, after.state) ? (["state"] as const) : []),
    ...(differ(before.finalizers, after.finalizers) ? (["finalizers"] as const) : []),
  ];
}
