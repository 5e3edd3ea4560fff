import { OrreryError } from "@orrery/core";
import { listOf, type RecordShape, readDocument, record, type Shape, type TextShape } from "@orrery/mesh/internal";
import {
  ADDRESSES_MAX,
  COMMAND_WORDS_MAX,
  CONTAINERS_MAX,
  CORES_MAX,
  GPUS_MAX,
  PORTS_MAX,
  REPLICAS_MAX,
  SEALED_POD_BYTES_MAX,
  VARIABLES_MAX,
  VOLUMES_MAX,
} from "./limits.ts";
import type { PodContainer, PodMount, SealedPod } from "./pod.ts";
import { FILE, HOST, NAME, PATH, VARIABLE } from "./pod-shape.ts";
import { isSealed } from "./seal-pod.ts";

const SIZE_MIB_MAX = 2 ** 40;
const KIB_MAX = 2 ** 48;
const EVERY_MS_MAX = 3_600_000_000;

const text = (what: string, pattern: RegExp, example: string): TextShape => ({ kind: "text", what, pattern, example });
const whole = (min: number, max: number): Shape => ({ kind: "integer", min, max });
/** Fields that whoever wrote the pod has filled in, each with its shape; those of `more` may be left out. */
const said = (fields: Readonly<Record<string, Shape>>, more: Readonly<Record<string, Shape>> = {}): RecordShape =>
  record({
    ...Object.fromEntries(
      Object.entries(fields).map(([name, shape]) => [name, { shape, about: "", isRequired: true }]),
    ),
    ...Object.fromEntries(Object.entries(more).map(([name, shape]) => [name, { shape, about: "" }])),
  });

const SHA256 = text("a digest", /^sha256:[0-9a-f]{64}$/, "sha256:…");
const ANY = text("a text", /^[^\0]{0,4096}$/, "node");
const PORT = whole(1, 65_535);
const CONTAINER = said(
  {
    name: NAME,
    image: said(
      { source: text("where an image comes from", /^\S{1,512}$/, "registry.test/web") },
      { tag: text("a tag", /^\S{1,128}$/, "1.2"), digest: SHA256 },
    ),
    env: { kind: "map", names: VARIABLE, of: text("a text", /^[^\0]{0,32768}$/, "hello"), max: VARIABLES_MAX },
    ports: listOf(
      said({ protocol: { kind: "choice", of: ["http", "tcp", "udp"] }, port: PORT }, { host: HOST }),
      PORTS_MAX,
    ),
    mounts: listOf(
      said({
        kind: { kind: "choice", of: ["volume", "secret"] },
        name: NAME,
        path: PATH,
        isReadOnly: { kind: "boolean" },
      }),
      2 * VOLUMES_MAX,
    ),
    cpu: whole(1, CORES_MAX * 1_000),
    memoryMiB: whole(1, SIZE_MIB_MAX),
    gpus: whole(0, GPUS_MAX),
  },
  {
    command: listOf(ANY, COMMAND_WORDS_MAX, 1),
    workingDir: PATH,
    health: said({ path: text("a path", /^\/\S{0,1000}$/, "/healthz"), port: PORT, everyMs: whole(1, EVERY_MS_MAX) }),
  },
);

const SHAPE = said({
  pod: said({
    name: NAME,
    containers: listOf(CONTAINER, CONTAINERS_MAX, 1),
    volumes: listOf(said({ name: NAME, sizeMiB: whole(1, SIZE_MIB_MAX) }), VOLUMES_MAX),
    secrets: listOf(said({ name: NAME, file: FILE }), VOLUMES_MAX),
    replicas: whole(1, REPLICAS_MAX),
    addresses: whole(0, ADDRESSES_MAX),
    traffic: said({ egressKiB: whole(0, KIB_MAX), ingressKiB: whole(0, KIB_MAX) }),
  }),
  images: { kind: "map", names: NAME, of: SHA256, max: CONTAINERS_MAX },
  secrets: { kind: "map", names: NAME, of: SHA256, max: VOLUMES_MAX },
  digest: text("a digest", /^0x[0-9a-f]{64}$/, "0x…"),
});

/** A sealed pod as JSON. */
export function writeSealedPod({ pod, images, secrets, digest }: SealedPod): string {
  return JSON.stringify({ pod, images, secrets, digest });
}

/**
 * Reads what `writeSealedPod` writes, from whomever: all that a pod file is held to is looked at.
 * @throws OrreryError `invalid_argument` for anything else, with each place and what would work; `data_loss` where it is not what its digest says
 */
export function readSealedPod(json: string): SealedPod {
  assertJson(json);
  const sealed = readDocument<SealedPod>(json, SHAPE, {
    ...{ file: "pod", bytesMax: SEALED_POD_BYTES_MAX, judge: judgeSealed },
  }) as SealedPod;
  if (isSealed(sealed)) return sealed;
  throw new OrreryError(
    "data_loss",
    `Cannot take the pod: it is not what its digest ${sealed.digest} says, seal it anew`,
  );
}

/** A document of YAML may say what JSON does not. */
function assertJson(json: string): void {
  try {
    if (json.length <= SEALED_POD_BYTES_MAX) JSON.parse(json);
  } catch (cause) {
    throw new OrreryError("invalid_argument", "Cannot read the pod: it is no JSON", { cause });
  }
}

type Misfits = { readonly path: readonly (string | number)[]; readonly text: string }[];

/** Finds what does not fit together, as a pod file is judged. */
function judgeSealed({ pod, images, secrets }: SealedPod): Misfits {
  const misfits: Misfits = [];
  const tell = (path: readonly (string | number)[], why: string) =>
    void misfits.push({ path: ["pod", ...path], text: `"${path.join(".")}" ${why}` });
  const taken = new Set<string>();
  const once = (what: string, path: readonly (string | number)[]) => {
    if (taken.has(what)) tell(path, `takes ${what}, which another has`);
    taken.add(what);
  };
  for (const [index, one] of pod.containers.entries()) {
    const at = ["containers", index] as const;
    once(`container ${one.name}`, at);
    if (!Object.hasOwn(images, one.name)) tell(at, `has no digest of its image`);
    judgePorts(
      one,
      (path, what) => once(what, [...at, ...path]),
      (path, why) => tell([...at, ...path], why),
    );
    for (const [place, mount] of one.mounts.entries())
      judgeMount(mount, pod, (why) => tell([...at, "mounts", place], why));
    for (const name of Object.keys(one.env))
      if (name.startsWith("ORRERY_")) tell([...at, "env", name], "is one that providers set: choose another name");
  }
  for (const kind of ["volumes", "secrets"] as const)
    for (const [index, { name }] of pod[kind].entries()) once(`${kind} ${name}`, [kind, index]);
  for (const [index, { name }] of pod.secrets.entries())
    if (!Object.hasOwn(secrets, name)) tell(["secrets", index], "has no digest of its text");
  return misfits;
}

type Path = readonly (string | number)[];

function judgePorts(
  { ports }: PodContainer,
  once: (path: Path, what: string) => void,
  tell: (path: Path, why: string) => void,
): void {
  for (const [index, one] of ports.entries()) {
    once(["ports", index], `${one.protocol === "udp" ? "udp" : "tcp"} port ${one.port}`);
    const host = (one as { readonly host?: string }).host;
    if ((one.protocol === "http") !== (host !== undefined))
      tell(["ports", index], "has a host where, and only where, it is for http");
    if (host !== undefined) once(["ports", index], `host ${host}`);
  }
}

function judgeMount({ kind, name, path }: PodMount, pod: SealedPod["pod"], tell: (why: string) => void): void {
  const known = kind === "volume" ? pod.volumes : pod.secrets;
  if (!known.some((one) => one.name === name)) tell(`is of ${kind} "${name}", which the pod has not`);
  if (path === "/" || path.split("/").includes("..")) tell(`is found at "${path}": write a whole path below /`);
}
