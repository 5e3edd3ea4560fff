import { type Component, createNode, type Node } from "@orrery/core";

/** Starts components in one node, without any network; bodies are encoded as on a wire. */
export async function startLoneNode(...components: readonly Component[]): Promise<Node> {
  const node = createNode({ components, local: "encode" });
  await node.start();
  return node;
}
