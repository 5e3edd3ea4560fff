import { OrreryError } from "@orrery/core";
import { type Address, ancestorsOf, lastPart, parentOf, parentText, printAddress } from "../address/address.ts";
import { parseAddress } from "../address/parse-address.ts";
import { SEGMENT_EXAMPLES } from "../address/segment.ts";
import type { PathForm } from "../kinds/kind.ts";
import type { KnownKind } from "../kinds/kind-table.ts";
import type { Properties } from "../kinds/property-rules.ts";
import type { BlobRef, Resource } from "../resource.ts";
import { type Decision, denied, isNobody, isOperator } from "../rights/decide.ts";
import { applyChange } from "./change.ts";
import type { Draft } from "./draft.ts";
import { assertMayGrant } from "./grant-rules.ts";
import { assertMay, type Doing, judgeAlike, localAddress } from "./ground.ts";
import { assertMayOwn, ownerByDefault } from "./owners.ts";
import { assertReferences } from "./references.ts";
import { remember } from "./remember.ts";
import { assertMaySet } from "./reserved.ts";
import { assertMayMake } from "./sealed.ts";
import { sealSecrets } from "./secret-properties.ts";

/** A resource that shall be. */
export interface CreateRequest {
  readonly address: string;
  readonly kind: string;
  readonly properties?: Properties;
  readonly labels?: Readonly<Record<string, string>>;
  /** Names of properties that it may not change by itself. Default: none. */
  readonly fixed?: readonly string[];
  readonly state?: Readonly<Record<string, BlobRef>>;
  /** Default: who creates it. */
  readonly owner?: string;
  /** What to do where it is there: refuse, leave it, or change it to this. Default: `create`. */
  readonly strategy?: "create" | "ensure" | "update";
  /** Whether directories on the way are made. Default: false. */
  readonly directories?: boolean;
}

/** Creates a resource. Gives its address. */
export async function applyCreate(draft: Draft, request: CreateRequest, doing: Doing): Promise<string> {
  const address = localAddress(request.address);
  const kind = doing.ground.kinds.get(request.kind);
  assertMayMake(address, kind, doing);
  const { strategy = "create", directories = false } = request;
  await assertNoOutsider(draft, { address, strategy, directories }, doing);
  const before = strategy === "create" ? draft.presume(address) : await draft.get(address);
  if (before === undefined) return createNew(draft, { address, kind, request }, doing);
  await assertMay(
    { agent: doing.by.agent, verb: strategy === "update" ? "write" : "read", address },
    { reads: draft, rights: doing.ground.rights },
  );
  if (strategy === "create")
    throw new OrreryError(
      "already_exists",
      `Cannot create "${address}": the address is already in use, by a ${before.kind}`,
      { details: { address, kind: before.kind } },
    );
  if (before.kind !== kind.name)
    throw new OrreryError(
      "failed_precondition",
      `Cannot make "${address}" a ${kind.name}: it is a ${before.kind}, remove that first, or choose another address`,
    );
  if (strategy === "ensure") return address;
  const { properties, labels, fixed, state } = request;
  const change = {
    address,
    ...(properties && { properties }),
    ...(labels && { labels }),
    ...(fixed && { fixed }),
    ...(state && { state }),
  };
  return applyChange(draft, change, doing);
}

/** Whoever may neither make it nor do anything with it is told so before it is looked for. */
async function assertNoOutsider(
  draft: Draft,
  { address, strategy, directories = false }: Pick<CreateRequest, "strategy" | "directories"> & { address: string },
  { by: { agent }, ground: { rights } }: Doing,
): Promise<void> {
  const places = directories ? ancestorsOf(address).filter(isPlaceOfFiles) : [];
  const making = [...new Set([parentText(address), ...places])].map((place) => ({
    verb: "create" as const,
    at: place,
  }));
  const wishes = [...making, { verb: strategy === "update" ? ("write" as const) : ("read" as const), at: address }];
  const first = { agent, verb: "create", address: parentText(address) } as const;
  let refused: Decision | undefined;
  for (const { verb, at } of wishes) {
    const decision = await judgeAlike({ agent, verb, address: at }, { reads: draft, rights });
    if (decision.allowed) return;
    refused ??= decision;
  }
  if (refused !== undefined) throw denied(first, refused);
}

/** Whether directories may have to be made in it, or it is one. */
function isPlaceOfFiles(address: string): boolean {
  return address.includes(":");
}

interface Wanted {
  readonly address: string;
  readonly kind: KnownKind;
  readonly request: CreateRequest;
}

async function createNew(draft: Draft, { address, kind, request }: Wanted, doing: Doing): Promise<string> {
  const { by, ground } = doing;
  const parsed = parseAddress(address);
  assertForm(parsed, kind);
  const above = parentOf(parsed);
  const parent = above === undefined ? "" : printAddress(above);
  if (request.directories && parent.endsWith("/") && (await draft.get(parent)) === undefined)
    await applyCreate(draft, { address: parent, kind: "Directory", strategy: "ensure", directories: true }, doing);
  const wish = { agent: by.agent, verb: "create", address: parent } as const;
  // Before it is looked for: else whoever may not would learn whether it is there.
  await assertMay(wish, { reads: draft, rights: ground.rights });
  await assertParent(draft, { address, kind, parent });
  const owner = await ownerOf(draft, { address, parent, wanted: request.owner }, doing);
  assertMaySet(request, { address, kind }, doing);
  const said = kind.rules.create(request.properties ?? {}, address);
  await assertReferences(draft, { address, kind, properties: said });
  const { properties, secrets } = sealSecrets(said, { address, kind, box: ground.secrets });
  const { driver } = kind.data;
  const resource: Resource = {
    address,
    kind: kind.name,
    properties,
    fixed: [...(request.fixed ?? [])].sort(),
    labels: request.labels ?? {},
    owner,
    status: { state: driver === undefined ? "Ready" : "Creating" },
    state: request.state ?? {},
    finalizers: driver === undefined ? [] : [driver],
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
    created: draft.nextRevision(),
    revision: 0,
  };
  await assertMayGrant(draft, resource, doing);
  draft.put(remember(draft, { after: resource, kind }, doing), ["added"], by.agent);
  return address;
}

function assertForm(address: Address, { name, data }: KnownKind): void {
  const form = formOfLast(address);
  if (data.segments.includes(form)) return;
  const examples = data.segments.map((one) =>
    one === "file" ? "/a.txt" : one === "directory" ? "/a/" : SEGMENT_EXAMPLES[one],
  );
  const why = `"${lastPart(address)}" is a ${form}, a ${name} ends in a ${data.segments.join(" or a ")}, such as ${examples.join(" or ")}`;
  throw new OrreryError("invalid_argument", `Cannot create "${printAddress(address)}" as ${name}: ${why}`);
}

function formOfLast({ path, segments }: Address): PathForm | "name" | "domain" | "version" | "email" | "tag" {
  if (path !== undefined) return path.endsWith("/") ? "directory" : "file";
  return segments.at(-1)?.form ?? "name";
}

async function assertParent(
  draft: Draft,
  { address, kind, parent }: { address: string; kind: KnownKind; parent: string },
): Promise<void> {
  const found = parent === "" ? undefined : await draft.get(parent);
  if (parent !== "" && found === undefined)
    throw new OrreryError(
      "not_found",
      `Cannot create "${address}": its parent "${parent}" is missing, create that first`,
      { details: { address, parent } },
    );
  const parents = kind.data.parents;
  if (!parents.includes(found?.kind ?? "root")) {
    const where = found === undefined ? "at the top" : `in a ${found.kind}`;
    const allowed = parents.map((one) => (one === "root" ? "at the top" : `in a ${one}`)).join(", ");
    throw new OrreryError(
      "failed_precondition",
      `Cannot create "${address}" as ${kind.name}: it may not lie ${where}, only ${allowed}`,
      { details: { address, parents } },
    );
  }
  if (found?.status.state === "Destroying")
    throw new OrreryError("failed_precondition", `Cannot create "${address}": "${parent}" is being removed`);
}

async function ownerOf(
  draft: Draft,
  { address, parent, wanted }: { address: string; parent: string; wanted: string | undefined },
  doing: Doing,
): Promise<string> {
  const { by, ground } = doing;
  if (wanted === undefined || wanted === by.agent) return ownerByDefault(draft, doing);
  const above = parent === "" ? undefined : await draft.get(parent);
  if (isOperator(by.agent, ground.rights) || (above?.owner === by.agent && !isNobody(by.agent))) {
    await assertMayOwn(draft, { address, owner: wanted }, doing);
    return wanted;
  }
  throw new OrreryError(
    "permission_denied",
    `Cannot create for owner "${wanted}" as "${by.agent}": only operators and the owner of "${parent}" may`,
  );
}
