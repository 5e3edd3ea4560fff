import { nearNames } from "@orrery/core/edit-distance";
import type { Misfit } from "@orrery/mesh/internal";
import { parseImageName } from "./image-name.ts";
import { CORES_MAX } from "./limits.ts";
import { parseCpu } from "./parse-cpu.ts";
import type { SaidContainer, SaidPod, SaidPort } from "./said-pod.ts";

type Tell = (path: Misfit["path"], why: string) => void;

/** Finds what does not fit together in a pod file that has the right shape. */
export function judgePod(said: SaidPod): readonly Misfit[] {
  const misfits: Misfit[] = [];
  const tell: Tell = (path, why) => void misfits.push({ path, text: `"${path.join(".")}" ${why}` });
  if (Object.keys(said.containers).length === 0) tell(["containers"], "has none: write one at least");
  const taken = new Map<string, string>();
  for (const [name, one] of Object.entries(said.containers)) {
    judgeContainer(one, (path, why) => tell(["containers", name, ...path], why));
    judgeMounts(said, name, tell);
    for (const [index, port] of (one.ports ?? []).entries())
      for (const what of [`${transportOf(port)} port ${port.port}`, ...(port.host ? [`host ${port.host}`] : [])]) {
        const place = ["containers", name, "ports", index] as const;
        const before = taken.get(what);
        if (before !== undefined) tell(place, `takes ${what}, which ${before} has: containers of a pod share both`);
        taken.set(what, `containers.${name}.ports[${index}]`);
      }
  }
  for (const kind of ["volumes", "secrets"] as const)
    for (const name of Object.keys(said[kind] ?? {}))
      if (!Object.values(said.containers).some((one) => Object.hasOwn(one[kind] ?? {}, name)))
        tell([kind, name], "is found by no container: name it in one, or leave it out");
  for (const [name, file] of Object.entries(said.secrets ?? {}))
    if (file.startsWith("/") || file.split("/").includes(".."))
      tell(["secrets", name], `is "${file}", outside of this file's folder: move it there`);
  return misfits;
}

function transportOf({ protocol }: SaidPort): string {
  return protocol === "udp" ? "udp" : "tcp";
}

function judgeContainer(said: SaidContainer, tell: Tell): void {
  const { image, cpu, ports = [], health, env = {} } = said;
  if (parseImageName(image) === undefined)
    tell(
      ["image"],
      `is "${image}": write a folder such as ./web, or NAME, NAME:TAG or NAME@sha256:…, in small letters`,
    );
  const thousandths = cpu === undefined ? 1 : parseCpu(cpu);
  if (thousandths === undefined)
    tell(["cpu"], `is ${cpu}: write cores such as 1.5, or thousandths of one such as 500m`);
  else if (thousandths < 1 || thousandths > CORES_MAX * 1_000)
    tell(["cpu"], `is ${cpu}: write from 1m to ${CORES_MAX}`);
  for (const [index, { host, protocol }] of ports.entries()) {
    if (protocol === "http" && host === undefined) tell(["ports", index], "is for http and has no host: write one");
    if (protocol !== undefined && protocol !== "http" && host !== undefined)
      tell(["ports", index, "protocol"], `is ${protocol}, but only http has a host: leave one of them out`);
  }
  if (health !== undefined && health.port === undefined && ports[0] === undefined)
    tell(["health"], "has no port, and neither has the container: write port");
  for (const name of Object.keys(env))
    if (/^ORRERY_/.test(name)) tell(["env", name], "is one that providers set: choose another name");
}

/** What a container finds in its files has to be there, and each at a place of its own. */
function judgeMounts(said: SaidPod, container: string, tell: Tell): void {
  const places = new Map<string, string>();
  for (const kind of ["volumes", "secrets"] as const)
    for (const [name, where] of Object.entries(said.containers[container]?.[kind] ?? {})) {
      const at = ["containers", container, kind, name];
      const known = Object.keys(said[kind] ?? {});
      if (!known.includes(name)) tell(at, `is none of the pod's ${kind}: ${whatThen(name, known, kind)}`);
      const path = typeof where === "string" ? where : where.path;
      if (path === "/" || path.split("/").includes(".."))
        tell(at, `is found at "${path}": write a whole path below /, such as /data`);
      const before = places.get(path);
      if (before !== undefined) tell(at, `is found at ${path}, where ${before} is: choose another place`);
      places.set(path, `${kind}.${name}`);
    }
}

function whatThen(name: string, known: readonly string[], kind: string): string {
  const [near] = nearNames(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? `write it in ${kind} of the pod` : `it has ${known.join(", ")}`;
}
