import { readFileSync } from "node:fs";
import { OrreryError } from "@orrery/core";
import { NETWORKS_MAX } from "../limits.ts";
import { runOrThrow, runScript } from "../system-command.ts";
import {
  type AddressPool,
  closeScript,
  copyAddress,
  DEVICE_PREFIX,
  type NetworkNames,
  networkRules,
  openScript,
  sweepScript,
  TAKEN,
} from "./own-network-scripts.ts";
import { type CopyNetwork, type PodNetworks, portVariables } from "./pod-network.ts";

/** Pools of which the first is taken that the machine has no way to yet. */
const PREFIXES = ["10.213", "172.29", "192.168", "10.87"];

/** Options of `openOwnNetworks`. */
export interface OwnNetworksOptions {
  /** Of letters, digits and `_`: names what it makes on the machine. */
  readonly table: string;
  readonly nameServers: readonly string[];
}

/**
 * Opens networks of their own for copies: name spaces of the kernel, each with a pair of devices, and rules for what they may reach. Gives instead
 * why it cannot where it may not, or where tools are missing.
 */
export async function openOwnNetworks({ table, nameServers }: OwnNetworksOptions): Promise<PodNetworks | string> {
  if (process.getuid?.() !== 0) return "the runtime is not root, start it as root";
  const tools = await runScript("command -v ip nsenter >/dev/null || exit 3; command -v nft >/dev/null || exit 4");
  if (tools.code === 3) return "there is no ip or nsenter, install iproute2 and util-linux";
  if (tools.code === 4) return "there is no nft, install nftables";
  const pool = await freePool();
  if (pool === undefined) return `the machine has ways to all of ${PREFIXES.join(", ")} already`;
  const swept = await runScript(sweepScript(table));
  const ruled = await runScript("nft -f -", { input: networkRules({ table, nameServers, ...pool }) });
  if (swept.code !== 0 || ruled.code !== 0) return `the kernel refuses rules (${ruled.stderr.trim().split("\n")[0]})`;
  const networks = new OwnNetworks({ table, nameServers, pool });
  const trial = await networks.open([]).catch((error: unknown) => error as Error);
  if (trial instanceof Error) {
    await networks.close();
    return `a trial failed (${trial.message})`;
  }
  await trial.close();
  return networks;
}

/** The first pool to which the machine has no way, but those to pods. */
async function freePool(): Promise<AddressPool | undefined> {
  const { stdout } = await runScript("ip -4 route show table all");
  const others = stdout.split("\n").filter((line) => !line.includes(` dev ${DEVICE_PREFIX}`));
  const isFree = (prefix: string) =>
    !others.some((line) => new RegExp(`(^| )${prefix.replace(".", "\\.")}\\.`).test(line));
  const prefix = PREFIXES.find(isFree);
  return prefix === undefined ? undefined : { prefix };
}

interface OwnNetworksState extends OwnNetworksOptions {
  readonly pool: AddressPool;
}

/** Owns: the table of rules, and the networks of open copies. I1: a network is in the rules before it can carry a packet. */
class OwnNetworks implements PodNetworks {
  readonly nameServers: readonly string[];
  readonly lacks: readonly string[];
  readonly #table: string;
  readonly #pool: AddressPool;
  readonly #open = new Set<CopyNetwork>();
  #next: number;

  constructor({ table, nameServers, pool }: OwnNetworksState) {
    this.nameServers = nameServers;
    this.#table = table;
    this.#pool = pool;
    this.#next = 2 + (Number.parseInt(table.replace(/^.*_/, "").slice(0, 6), 16) % NETWORKS_MAX || 0);
    this.lacks = forwardsOut() ? [] : ["pods do not reach the Internet: sysctl net.ipv4.ip_forward=1 lets them"];
  }

  async open(ports: readonly number[], { isOffline = false } = {}): Promise<CopyNetwork> {
    for (let tries = 0; tries < NETWORKS_MAX; tries += 1) {
      const index = 2 + (this.#next % (NETWORKS_MAX - 2));
      this.#next += 1;
      if ((index & 255) === 0 || (index & 255) === 255) continue;
      const names = { table: this.#table, nameSpace: `${this.#table}-${index}`, device: `${DEVICE_PREFIX}${index}` };
      const { code, stderr } = await runScript(openScript(this.#pool, names, { index, isOffline }));
      if (code === TAKEN) continue;
      if (code !== 0) {
        await runScript(closeScript(names));
        throw new OrreryError(
          "internal",
          `Cannot make a network for a pod: ${stderr.trim().split("\n").slice(-2).join("; ")}`,
        );
      }
      const network = this.#networkOf(names, copyAddress(this.#pool, index), ports);
      this.#open.add(network);
      return network;
    }
    throw new OrreryError(
      "resource_exhausted",
      `Cannot make a network for a pod: ${NETWORKS_MAX} are taken, stop a pod`,
    );
  }

  async sweep(): Promise<void> {
    await runScript(sweepScript(this.#table));
  }

  async close(): Promise<void> {
    for (const network of [...this.#open]) await network.close();
    await runScript(`nft delete table inet ${this.#table}`);
  }

  #networkOf(names: NetworkNames, host: string, ports: readonly number[]): CopyNetwork {
    let last = { egressBytes: 0, ingressBytes: 0 };
    const counted = (name: string) => {
      return Number(readFileSync(`/sys/class/net/${names.device}/statistics/${name}`, "utf8"));
    };
    const traffic = () => {
      try {
        last = { egressBytes: counted("rx_bytes"), ingressBytes: counted("tx_bytes") };
      } catch {
        // It is gone: what it had carried by then stands.
      }
      return last;
    };
    const network: CopyNetwork = {
      nameSpace: `/run/netns/${names.nameSpace}`,
      env: portVariables(ports, (port) => port),
      reach: (port) => ({ host, port }),
      traffic,
      close: async () => {
        if (!this.#open.delete(network)) return;
        traffic();
        await runOrThrow("take a pod's network away", closeScript(names));
      },
    };
    return network;
  }
}

/** Whether packets that come by the device with the default way are let through, as answers to pods are. */
function forwardsOut(): boolean {
  try {
    const route = readFileSync("/proc/net/route", "utf8")
      .split("\n")
      .find((line) => line.split("\t")[1] === "00000000");
    const device = route?.split("\t")[0];
    return device !== undefined && readFileSync(`/proc/sys/net/ipv4/conf/${device}/forwarding`, "utf8").trim() === "1";
  } catch {
    return false;
  }
}
