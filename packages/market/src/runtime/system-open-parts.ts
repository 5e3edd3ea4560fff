import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { type Clock, createSystemClock } from "@orrery/core";
import { lockFolder } from "@orrery/mesh/internal";
import type { ContainerBackend } from "./backend/container-backend.ts";
import { createPodFolders } from "./files/pod-folders.ts";
import { hostBase } from "./files/system-host-base.ts";
import { openMemoryFolder } from "./files/system-memory-folder.ts";
import { USER_SLOTS, VOLUME_NOTICE_MS, WELL_MS } from "./limits.ts";
import type { PodNetworks } from "./network/pod-network.ts";
import { createHostNetworks } from "./network/system-host-network.ts";
import { openOwnNetworks } from "./network/system-own-network.ts";
import { openRuntime } from "./open-runtime.ts";
import type { PodRuntime } from "./pod-runtime.ts";
import { createPodVolumes } from "./volumes/pod-volumes.ts";
import { openVolumeImages } from "./volumes/system-volume-images.ts";

/** Options of a runtime of pods. */
export interface RuntimeOptions {
  /** Folder of volumes and lines, made where it is missing; one runtime has it at a time. */
  readonly data: string;
  /** Networks of their own for copies where the machine lets it, or the machine's. Default: `own`. */
  readonly network?: "own" | "host";
  /** Volumes that are file systems of their own where the machine lets it, or are counted. Default: `sized`. */
  readonly volumes?: "sized" | "counted";
  /** How long a volume that is counted may hold more than it says before its pod is stopped, in ms. Default: a minute. */
  readonly volumeNoticeMs?: number;
  /** How long a container may take to get well, in ms. Default: a minute. */
  readonly wellMs?: number;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** Opens a runtime over a folder, with what starts containers on this machine. What an earlier process left of it is ended first. */
export async function openRuntimeWith(
  options: RuntimeOptions,
  openBackend: (name: string) => Promise<ContainerBackend>,
): Promise<PodRuntime> {
  const { data, network = "own", wellMs = WELL_MS, clock = createSystemClock() } = options;
  const { volumes: wish = "sized", volumeNoticeMs = VOLUME_NOTICE_MS } = options;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(data, {
    purpose: "pods",
    refusal: (pid) =>
      `Cannot run pods in "${data}": another runtime does${pid === undefined ? "" : `, process ${pid}`}, stop it first`,
  });
  const closing: (() => Promise<void>)[] = [async () => lock[Symbol.dispose]()];
  try {
    const id = createHash("sha256").update(realpathSync(data)).digest("hex").slice(0, 8);
    const nameServers = nameServersOf();
    const backend = await openBackend(`orrery-pods-${id}`);
    closing.unshift(async () => await backend.close());
    const networks = await networksFor({ wish: network, table: `orrery_${id}`, nameServers });
    closing.unshift(async () => await networks.close());
    const memory = await openMemoryFolder(`orrery-pods-${id}`);
    closing.unshift(async () => await memory.close());
    const firstSlot = process.getuid?.() === 0 ? Number.parseInt(id.slice(0, 6), 16) % USER_SLOTS : undefined;
    const folders = createPodFolders({ data, memory: memory.path, firstSlot });
    const images = wish === "counted" ? "this is what its options say" : await openVolumeImages(data);
    const volumes = createPodVolumes({ folders, images });
    const means = { clock, backend, networks, folders, volumes, base: hostBase(), wellMs, volumeNoticeMs };
    return openRuntime({ ...means, memory, lock });
  } catch (error) {
    for (const close of closing) await close();
    throw error;
  }
}

interface NetworksOptions {
  readonly wish: "own" | "host";
  readonly table: string;
  readonly nameServers: readonly string[];
}

async function networksFor({ wish, table, nameServers }: NetworksOptions): Promise<PodNetworks> {
  if (wish === "host") return createHostNetworks("this is what its options say", nameServers);
  const own = await openOwnNetworks({ table, nameServers });
  return typeof own === "string" ? createHostNetworks(own, nameServers) : own;
}

/** Servers of names of this machine that others can ask, too: those behind one that listens on its loopback, where that is so. */
function nameServersOf(): readonly string[] {
  const said = (file: string) => {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((found) => found[1] ?? "");
  };
  const own = said("/etc/resolv.conf");
  const isOwn = (address: string) => address.startsWith("127.") || address === "::1";
  return own.some(isOwn) ? said("/run/systemd/resolve/resolv.conf").filter((one) => !isOwn(one)) : own;
}
