/** A node among nodes: static discovery, and nodes that talk ZeroMQ. */
export {
  createMeshClient,
  createMeshNode,
  type MeshClientOptions,
  type MeshNodeOptions,
  type MeshOptions,
} from "./mesh-node.ts";
export { type ParseDirectoryOptions, parseDirectory, printDirectory } from "./parse-directory.ts";
export { readDirectory } from "./read-directory.ts";
