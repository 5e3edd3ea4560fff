import { parseDuration, parseSize, readDocument } from "@orrery/mesh/internal";
import { parseImageName } from "./image-name.ts";
import { judgePod } from "./judge-pod.ts";
import { POD_FILE_BYTES_MAX } from "./limits.ts";
import { parseCpu } from "./parse-cpu.ts";
import type { Pod, PodContainer, PodMount, PodPort } from "./pod.ts";
import { POD_SHAPE } from "./pod-shape.ts";
import type { SaidContainer, SaidPod, SaidPort } from "./said-pod.ts";

const MIB = 1024 ** 2;

/** What is held for a container that says nothing. */
const CPU_DEFAULT = "100m";
const MEMORY_DEFAULT = "128MiB";
/** What may go out and come in within an hour. */
const TRAFFIC_DEFAULT = "1GiB";
const HEALTH_EVERY_DEFAULT = "5s";

/**
 * Reads the text of a pod file. What it leaves out is filled in; sizes are rounded up to whole MiB.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column`, what would work, its line and a caret
 */
export function parsePod(text: string, { file }: { readonly file: string }): Pod {
  const options = { file, judge: judgePod, bytesMax: POD_FILE_BYTES_MAX, showsLines: true };
  const said = readDocument<SaidPod>(text, POD_SHAPE, options) as SaidPod;
  const { name, containers = {}, volumes = {}, secrets = {}, replicas = 1, addresses = 0, traffic = {} } = said;
  return {
    name,
    containers: Object.entries(containers).map(([of, one]) => containerOf(of, one)),
    volumes: Object.entries(volumes).map(([of, size]) => ({ name: of, sizeMiB: sizeOf(size, MIB) })),
    secrets: Object.entries(secrets).map(([of, path]) => ({ name: of, file: path.replace(/^(\.\/)+/, "") })),
    replicas,
    addresses,
    traffic: {
      egressKiB: sizeOf(traffic.egress ?? TRAFFIC_DEFAULT, 1024),
      ingressKiB: sizeOf(traffic.ingress ?? TRAFFIC_DEFAULT, 1024),
    },
  };
}

function containerOf(name: string, said: SaidContainer): PodContainer {
  const { command, workingDir, env = {}, ports = [], health, cpu = CPU_DEFAULT, memory = MEMORY_DEFAULT, gpu } = said;
  const open = ports.map(portOf);
  const healthPort = health?.port ?? open[0]?.port;
  return {
    name,
    image: parseImageName(said.image) ?? { source: said.image },
    ...(command !== undefined && { command }),
    ...(workingDir !== undefined && { workingDir }),
    env: Object.fromEntries(Object.entries(env).map(([of, value]) => [of, String(value)])),
    ports: open,
    mounts: mountsOf(said),
    cpu: parseCpu(cpu) ?? 0,
    memoryMiB: sizeOf(memory, MIB),
    gpus: gpu ?? 0,
    ...(health !== undefined &&
      healthPort !== undefined && {
        health: {
          path: health.path,
          port: healthPort,
          everyMs: parseDuration(health.every ?? HEALTH_EVERY_DEFAULT) ?? 0,
        },
      }),
  };
}

function portOf({ port, host, protocol = "tcp" }: SaidPort): PodPort {
  if (host !== undefined) return { protocol: "http", port, host };
  return { protocol: protocol === "udp" ? "udp" : "tcp", port };
}

function mountsOf({ volumes = {}, secrets = {} }: SaidContainer): readonly PodMount[] {
  return [
    ...Object.entries(volumes).map(([name, where]): PodMount => {
      const { path, readOnly = false } = typeof where === "string" ? { path: where } : where;
      return { kind: "volume", name, path, isReadOnly: readOnly };
    }),
    ...Object.entries(secrets).map(([name, path]): PodMount => ({ kind: "secret", name, path, isReadOnly: true })),
  ];
}

/** In whole units, rounded up: no less is held than is asked for. */
function sizeOf(said: string, unit: number): number {
  return Math.ceil((parseSize(said) ?? 0) / unit);
}
