import {
  type ClientNode,
  type ClientNodeOptions,
  createClient,
  createNode,
  type Directory,
  type Node,
  type NodeOptions,
  OrreryError,
} from "@orrery/core";
import { addressWithKey, type ZmqTransportOptions } from "@orrery/zmq";
import { type MeshCarrier, meshCarriers } from "./carriers/mesh-carriers.ts";
import type { DatagramCarrier } from "./discovery/datagram-carrier.ts";
import type { GossipDirectory, GossipDirectoryOptions } from "./discovery/gossip-directory.ts";
import { createLimits } from "./limits/node-limits.ts";
import type { OperateOptions } from "./operate/operate-component.ts";
import { readDirectory } from "./read-directory.ts";

/** What a node on a network may say beside what any node may. */
export interface MeshOptions extends Pick<ZmqTransportOptions, "curve" | "timing" | "onTrouble" | "socketsIn"> {
  /** Where other components are: a directory, or the file that holds one. Default: nowhere. */
  readonly directory?: Directory | string;
  /** Horizons, distances, breakers and throttles, as `createLimits` makes them. Default: breakers alone. */
  readonly limits?: ClientNodeOptions["limits"];
  /**
   * Addresses of nodes at which to look for the network: the node then finds components by gossip, and others find what it serves. One that
   * answers is enough; its own may be among them, and an empty list waits to be found. Goes without `directory`. Default: no gossip.
   */
  readonly seeds?: readonly string[];
  /** Addresses at which others reach this node, for gossip. Default: those that it opened, on each interface of the host. */
  readonly advertise?: readonly string[];
  /** File that keeps the last view of the network, so that a node that starts again needs no seed. Default: none. */
  readonly viewFile?: string;
  /** Name of the network: nodes of another do not join it, and calls may name it. Needs gossip. Default: it has none. */
  readonly network?: string;
  /** Carriers to other nodes: Unix sockets for those of this host and user, TCP for all others. Default: both. */
  readonly carriers?: readonly MeshCarrier[];
  /**
   * What carries the probes and news of gossip: UDP datagrams, or the links that carry all else. Datagrams are sealed with `curve`; what is
   * too large for one goes over links. Default: tcp.
   */
  readonly gossip?: "udp" | "tcp";
}

/** Options of a client on a network. */
export type MeshClientOptions = Omit<ClientNodeOptions, "directory"> & MeshOptions;

/** Options of a node on a network. */
export type MeshNodeOptions = Omit<NodeOptions, "directory"> &
  MeshOptions & {
    /** Whether operators may look at the node and change it while it runs, over its addresses, and who they are. Default: nobody. */
    readonly operate?: boolean | OperateOptions;
    /**
     * Folder in which messages of kept methods are safe before they are acknowledged, made when there is none. One process has it at a time.
     * Goes without `journal`; Linux only. Default: none, and components with kept methods are refused.
     */
    readonly journalFolder?: string;
  };

/**
 * Makes a node that talks ZeroMQ over TCP, and over Unix sockets with nodes of its host and user; it does nothing before `start`.
 * @throws OrreryError `not_found` or `invalid_argument` when the directory cannot be read, and as `createNode`.
 * @example
 * const node = await createMeshNode({ components: [weather], listen: ["tcp://127.0.0.1:7101"], directory: "network.txt" });
 * await node.start();
 */
export async function createMeshNode(options: MeshNodeOptions): Promise<Node> {
  const { operate = false, journalFolder: _, ...rest } = options;
  const whole = { ...withoutMesh(rest), ...(await journalPart(options)), ...(await meshParts(options)) };
  if (operate === false) return createNode(whole);
  const { createOperatedNode } = await import("./operate/operated-node.ts");
  return createOperatedNode(whole, operate === true ? {} : operate);
}

/** Makes a client that talks ZeroMQ over TCP and Unix sockets; it connects on its first call. @throws OrreryError as `createMeshNode`. */
export async function createMeshClient(options: MeshClientOptions = {}): Promise<ClientNode> {
  return createClient({ ...withoutMesh(options), ...(await meshParts(options)) });
}

/** What is left for the node itself. */
function withoutMesh<O extends MeshOptions>(options: O) {
  const { directory: _, seeds: _seeds, advertise: _advertise, viewFile: _viewFile, ...others } = options;
  const { carriers: _carriers, gossip: _gossip, socketsIn: _socketsIn, ...rest } = others;
  return rest;
}

/** The journal that the options ask for. @throws OrreryError `invalid_argument` where they ask for two. */
async function journalPart({ journal, journalFolder }: MeshNodeOptions): Promise<Pick<NodeOptions, "journal">> {
  if (journalFolder === undefined) return {};
  if (journal !== undefined) {
    const text = `Cannot make a node: it has a journal and journalFolder "${journalFolder}", give either`;
    throw new OrreryError("invalid_argument", text);
  }
  const { createFileJournal } = await import("./journal/system-file-journal.ts");
  return { journal: await createFileJournal(journalFolder) };
}

async function meshParts(
  options: MeshOptions & Pick<ClientNodeOptions, "clock" | "transports" | "limits" | "carrierPlan">,
): Promise<Pick<ClientNodeOptions, "transports" | "limits" | "carrierPlan"> & { directory?: Directory }> {
  const { clock, curve, timing, onTrouble, socketsIn, transports = [], limits = createLimits() } = options;
  const { transports: own, ...plan } = meshCarriers(options.carriers, {
    ...(clock === undefined ? {} : { clock }),
    ...(curve === undefined ? {} : { curve }),
    ...(timing === undefined ? {} : { timing }),
    ...(onTrouble === undefined ? {} : { onTrouble }),
    ...(socketsIn === undefined ? {} : { socketsIn }),
  });
  assertGossip(options);
  const known = await findDirectory(options);
  return { transports: [...transports, ...own], ...plan, limits, ...(known === undefined ? {} : { directory: known }) };
}

/** The directory that the options ask for. @throws OrreryError `invalid_argument` where they ask for two. */
async function findDirectory(options: MeshOptions): Promise<Directory | undefined> {
  const { directory, seeds, advertise, viewFile, network } = options;
  if (seeds === undefined && viewFile === undefined && advertise === undefined && network === undefined)
    return typeof directory === "string" ? await readDirectory(directory) : directory;
  if (directory === undefined) return await makeGossipDirectory(options);
  const given = seeds !== undefined ? "seeds" : network !== undefined ? "network" : "viewFile or advertise";
  const text = `Cannot make a node: it has a directory and ${given}, which are for finding nodes without one; give either`;
  throw new OrreryError("invalid_argument", text);
}

/**
 * The directory of a node that is given seeds, made by `make` where that is given. Loaded here, since a node with a directory of its own has no
 * use for it.
 */
export async function makeGossipDirectory(
  {
    seeds = [],
    advertise,
    viewFile,
    curve,
    gossip,
    network,
  }: Pick<MeshOptions, "seeds" | "advertise" | "viewFile" | "curve" | "gossip" | "network">,
  make?: (options: GossipDirectoryOptions) => GossipDirectory,
): Promise<GossipDirectory> {
  const [{ createGossipDirectory }, { hostAddresses }, { isOfThisHost, reachableAddresses }] = await Promise.all([
    import("./discovery/gossip-directory.ts"),
    import("./discovery/system-network.ts"),
    import("./discovery/tcp-places.ts"),
  ]);
  const host = hostAddresses();
  const withKey = (address: string) =>
    curve === undefined || address.includes("?") ? address : addressWithKey(address, curve.keyPair.publicKey);
  const store =
    viewFile === undefined ? undefined : (await import("./discovery/system-view-file.ts")).createViewFile(viewFile);
  return (make ?? createGossipDirectory)({
    ...(network !== undefined && { network }),
    seeds,
    advertise: (opened) => (advertise ?? reachableAddresses(opened, host)).map(withKey),
    isSameHost: (address) => isOfThisHost(address, host),
    ...(store && { store }),
    ...(gossip === "udp" && { datagrams: await udpDatagrams(curve) }),
  });
}

/** @throws OrreryError `invalid_argument` for another carrier of gossip, or for a node that does not gossip. */
function assertGossip({ gossip, directory, seeds, viewFile, advertise }: MeshOptions): void {
  if (gossip === undefined) return;
  const isHeld = directory !== undefined || (seeds ?? viewFile ?? advertise) === undefined;
  const why = isHeld ? "it finds nodes without gossip, give it seeds" : "write udp or tcp";
  if (isHeld || !["udp", "tcp"].includes(gossip))
    throw new OrreryError("invalid_argument", `Cannot make a node with gossip "${gossip}": ${why}`);
}

/** Datagrams of gossip: where there are keys, none goes or comes that is not sealed. */
async function udpDatagrams(curve: MeshOptions["curve"]): Promise<DatagramCarrier> {
  const { createUdpCarrier } = await import("./discovery/system-datagrams.ts");
  if (curve === undefined) return createUdpCarrier();
  const { sealDatagrams } = await import("./discovery/sealed-datagrams.ts");
  return sealDatagrams(createUdpCarrier(), curve);
}
