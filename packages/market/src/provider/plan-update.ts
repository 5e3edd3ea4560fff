import { stableText } from "@orrery/mesh/internal";
import type { Pod, PodContainer, SealedPod } from "../pod/pod.ts";

/** One thing that an update changes. */
export interface PodChange {
  /** What it is of, such as `containers.web.image`. */
  readonly what: string;
  /** As it was; empty for what is new. */
  readonly from: string;
  /** As it will be; empty for what goes. */
  readonly to: string;
  /** Whether processes end and others begin for it. */
  readonly needsRestart: boolean;
}

/** What an update does: its changes in a fixed order, and the volumes whose content it would take away. */
export interface UpdatePlan {
  readonly changes: readonly PodChange[];
  readonly droppedVolumes: readonly string[];
}

/** Of a container, what can change without its processes noticing: how it is reached. */
const UNNOTICED: ReadonlySet<string> = new Set(["ports", "health"]);

/** Says what it takes to make one pod of another. It decides nothing. */
export function planUpdate(before: SealedPod, after: SealedPod): UpdatePlan {
  const changes = [
    ...named(before.pod.containers, after.pod.containers, (name, was, is) =>
      ofContainer(name, { was, is, before, after }),
    ),
    ...named(before.pod.volumes, after.pod.volumes, (name, was, is) =>
      change(`volumes.${name}`, sizeOf(was?.sizeMiB), sizeOf(is?.sizeMiB), true),
    ),
    ...named(before.pod.secrets, after.pod.secrets, (name, was, is) =>
      change(`secrets.${name}`, was && (before.secrets[name] ?? ""), is && (after.secrets[name] ?? ""), true),
    ),
    ...change("replicas", String(before.pod.replicas), String(after.pod.replicas), false),
    ...change("addresses", String(before.pod.addresses), String(after.pod.addresses), false),
    ...change("traffic.egress", kibOf(before.pod, "egressKiB"), kibOf(after.pod, "egressKiB"), false),
    ...change("traffic.ingress", kibOf(before.pod, "ingressKiB"), kibOf(after.pod, "ingressKiB"), false),
  ];
  const stays = new Set(after.pod.volumes.map(({ name }) => name));
  return {
    changes,
    droppedVolumes: before.pod.volumes.map(({ name }) => name).filter((name) => !stays.has(name)),
  };
}

/** Pairs of what has the same name, first those that there were, in their order. */
function named<T extends { readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
  of: (name: string, was: T | undefined, is: T | undefined) => readonly PodChange[],
): readonly PodChange[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))];
  const find = (all: readonly T[], name: string) => all.find((one) => one.name === name);
  return names.flatMap((name) => of(name, find(before, name), find(after, name)));
}

interface Containers {
  readonly was: PodContainer | undefined;
  readonly is: PodContainer | undefined;
  readonly before: SealedPod;
  readonly after: SealedPod;
}

function ofContainer(name: string, { was, is, before, after }: Containers): readonly PodChange[] {
  const at = `containers.${name}`;
  const [wasImage, isImage] = [before.images[name] ?? "", after.images[name] ?? ""];
  if (was === undefined || is === undefined) return change(at, was && wasImage, is && isImage, true);
  const { env: wasEnv, ...wasRest } = withoutNames(was);
  const { env: isEnv, ...isRest } = withoutNames(is);
  return [
    ...change(`${at}.image`, wasImage, isImage, true),
    ...fields(`${at}.env`, wasEnv, isEnv, () => true),
    ...fields(at, wasRest, isRest, (field) => !UNNOTICED.has(field)),
  ];
}

/** Of a container what has a field of its own; its image is told by its digest. */
function withoutNames({ name: _name, image: _image, ...rest }: PodContainer) {
  return rest;
}

function fields(
  at: string,
  before: object,
  after: object,
  needsRestart: (field: string) => boolean,
): readonly PodChange[] {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) =>
    change(`${at}.${field}`, said(was.get(field)), said(is.get(field)), needsRestart(field)),
  );
}

function change(
  what: string,
  from: string | undefined,
  to: string | undefined,
  needsRestart: boolean,
): readonly PodChange[] {
  return from === to ? [] : [{ what, from: from ?? "", to: to ?? "", needsRestart }];
}

/** A value for people, the same for the same value alone. */
function said(value: unknown): string | undefined {
  return value === undefined || typeof value === "string" ? value : stableText(value);
}

function sizeOf(mib: number | undefined): string | undefined {
  return mib === undefined ? undefined : `${mib} MiB`;
}

function kibOf({ traffic }: Pod, field: keyof Pod["traffic"]): string {
  return `${traffic[field]} KiB`;
}
