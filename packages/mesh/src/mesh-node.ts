import {
  type ClientNode,
  type ClientNodeOptions,
  createClient,
  createNode,
  type Directory,
  type Node,
  type NodeOptions,
} from "@orrery/core";
import { createZmqTransport, type ZmqTransportOptions } from "@orrery/zmq";
import { readDirectory } from "./read-directory.ts";

/** What a node on a network may say beside what any node may. */
export interface MeshOptions extends Pick<ZmqTransportOptions, "curve" | "timing" | "onTrouble"> {
  /** Where other components are: a directory, or the file that holds one. Default: nowhere. */
  readonly directory?: Directory | string;
}

/** Options of a client on a network. */
export type MeshClientOptions = Omit<ClientNodeOptions, "directory"> & MeshOptions;

/** Options of a node on a network. */
export type MeshNodeOptions = Omit<NodeOptions, "directory"> & MeshOptions;

/**
 * Makes a node that talks ZeroMQ over TCP; it does nothing before `start`.
 * @throws OrreryError `not_found` or `invalid_argument` when the directory cannot be read, and as `createNode`.
 * @example
 * const node = await createMeshNode({ components: [weather], listen: ["tcp://127.0.0.1:7101"], directory: "network.txt" });
 * await node.start();
 */
export async function createMeshNode(options: MeshNodeOptions): Promise<Node> {
  const { directory: _, ...rest } = options;
  return createNode({ ...rest, ...(await meshParts(options)) });
}

/** Makes a client that talks ZeroMQ over TCP; it connects on its first call. @throws OrreryError as `createMeshNode`. */
export async function createMeshClient(options: MeshClientOptions = {}): Promise<ClientNode> {
  const { directory: _, ...rest } = options;
  return createClient({ ...rest, ...(await meshParts(options)) });
}

async function meshParts(
  options: MeshOptions & Pick<ClientNodeOptions, "clock" | "transports">,
): Promise<Pick<ClientNodeOptions, "transports"> & { directory?: Directory }> {
  const { clock, curve, timing, onTrouble, directory, transports = [] } = options;
  const zmq = createZmqTransport({
    ...(clock === undefined ? {} : { clock }),
    ...(curve === undefined ? {} : { curve }),
    ...(timing === undefined ? {} : { timing }),
    ...(onTrouble === undefined ? {} : { onTrouble }),
  });
  const known = typeof directory === "string" ? await readDirectory(directory) : directory;
  return { transports: [...transports, zmq], ...(known === undefined ? {} : { directory: known }) };
}
