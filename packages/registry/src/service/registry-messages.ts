import type { JsonObject } from "@bufbuild/protobuf";
import { OrreryError } from "@orrery/core";
import {
  type Blob,
  type ChangeRequest as ChangeMessage,
  type CreateRequest as CreateMessage,
  Strategy,
  type WriteOptions,
} from "../gen/orrery/registry/v1/registry_pb.ts";
import type { KnownKind } from "../kinds/kind-table.ts";
import type { Properties } from "../kinds/property-rules.ts";
import type { ChangeView, ResourceView } from "../registry.ts";
import type { BlobRef, ChangePart } from "../resource.ts";
import type { ChangeRequest } from "../write/change.ts";
import type { CreateRequest } from "../write/create.ts";
import type { By } from "../write/ground.ts";
import type { Written } from "../write/writer.ts";

/** Who asks, and how. */
export function byOf(agent: string, options: WriteOptions | undefined): By {
  const { requestId = "", token = "" } = options ?? {};
  return { agent, ...(requestId === "" ? {} : { requestId }), ...(token === "" ? {} : { token }) };
}

/** What a write led to, as a message. */
export function writtenMessage({ address, revision, changed }: Written) {
  return { written: { address, revision: BigInt(revision), changed } };
}

const STRATEGIES: Readonly<Record<Strategy, NonNullable<CreateRequest["strategy"]>>> = {
  [Strategy.UNSPECIFIED]: "create",
  [Strategy.CREATE]: "create",
  [Strategy.ENSURE]: "ensure",
  [Strategy.UPDATE]: "update",
};

/** What a message asks to create. */
export function createRequestOf(message: CreateMessage): CreateRequest {
  const { address, kind, properties, fixed, labels, state, owner, strategy, directories } = message;
  return {
    address,
    kind,
    directories,
    strategy: STRATEGIES[strategy] ?? "create",
    ...(properties === undefined ? {} : { properties: properties as Properties }),
    ...(fixed.length === 0 ? {} : { fixed }),
    ...(isEmpty(labels) ? {} : { labels }),
    ...(isEmpty(state) ? {} : { state: blobRefs(state) }),
    ...(owner === "" ? {} : { owner }),
  };
}

/** What a message asks to change. */
export function changeRequestOf(message: ChangeMessage): ChangeRequest {
  const {
    address,
    properties,
    removedProperties,
    fixed,
    labels,
    removedLabels,
    owner,
    status,
    state,
    addedFinalizers,
    doneFinalizers,
    ifRevision,
  } = message;
  const gone = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, undefined]));
  return {
    address,
    ...(properties === undefined && removedProperties.length === 0
      ? {}
      : { properties: { ...(properties as Properties), ...gone(removedProperties) } }),
    ...(fixed === undefined ? {} : { fixed: fixed.names }),
    ...(isEmpty(labels) && removedLabels.length === 0 ? {} : { labels: { ...labels, ...gone(removedLabels) } }),
    ...(owner === "" ? {} : { owner }),
    ...(status === undefined
      ? {}
      : {
          status: {
            state: status.state,
            ...(status.reason === "" ? {} : { reason: status.reason }),
            ...(status.details === undefined ? {} : { details: status.details as Properties }),
          },
        }),
    ...(isEmpty(state) ? {} : { state: blobRefs(state) }),
    ...(addedFinalizers.length + doneFinalizers.length === 0
      ? {}
      : { finalizers: { add: addedFinalizers, done: doneFinalizers } }),
    ...(ifRevision === 0n ? {} : { ifRevision: Number(ifRevision) }),
  };
}

/** A resource, as a message. */
export function resourceMessage(view: ResourceView) {
  const { status, state, lock, created, revision, properties, fixed, finalizers, labels, past: _, ...rest } = view;
  return {
    ...rest,
    properties: properties as JsonObject,
    fixed: [...fixed],
    labels: { ...labels },
    finalizers: [...finalizers],
    status: {
      state: status.state,
      reason: status.reason ?? "",
      ...(status.details === undefined ? {} : { details: status.details as JsonObject }),
    },
    state: Object.fromEntries(
      Object.entries(state).map(([aspect, { digest, bytes }]) => [aspect, { digest, bytes: BigInt(bytes) }]),
    ),
    ...(lock === undefined
      ? {}
      : { lock: { holder: lock.holder, fence: BigInt(lock.fence), untilMs: BigInt(lock.until) } }),
    created: BigInt(created),
    revision: BigInt(revision),
  };
}

/** A change, as a message. */
export function changeMessage({ revision, at, agent, parts, resource }: ChangeView) {
  return {
    revision: BigInt(revision),
    atMs: BigInt(at),
    agent,
    parts: [...parts],
    resource: resourceMessage(resource),
  };
}

/** A kind, as a message. */
export function kindMessage({ data }: KnownKind) {
  const { name, summary, parents, segments, properties = {}, driver = "" } = data;
  return {
    name,
    summary,
    parents: [...parents],
    segments: [...segments],
    driver,
    properties: Object.entries(properties).map(
      ([property, { summary: of, required = false, constant = false, locked = false, secret = false }]) => {
        return { name: property, summary: of, required, constant, locked, secret };
      },
    ),
  };
}

const PARTS: readonly ChangePart[] = [
  "added",
  "properties",
  "labels",
  "owner",
  "status",
  "state",
  "lock",
  "finalizers",
  "removed",
];

/** @throws OrreryError `invalid_argument` for a part that there is not */
export function partsOf(names: readonly string[]): readonly ChangePart[] {
  const stray = names.find((name) => !PARTS.includes(name as ChangePart));
  if (stray === undefined) return names as readonly ChangePart[];
  throw new OrreryError("invalid_argument", `Cannot watch part "${stray}": parts are ${PARTS.join(", ")}`);
}

function blobRefs(state: { readonly [aspect: string]: Blob }): Record<string, BlobRef> {
  return Object.fromEntries(
    Object.entries(state).map(([aspect, { digest, bytes }]) => [aspect, { digest, bytes: Number(bytes) }]),
  );
}

function isEmpty(map: object): boolean {
  return Object.keys(map).length === 0;
}
