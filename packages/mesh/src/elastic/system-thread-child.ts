import { parentPort, workerData } from "node:worker_threads";
import { type Node, OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { createGossipDirectory } from "../discovery/gossip-directory.ts";
import { loadComponents } from "../load-components.ts";
import { createMeshNode } from "../mesh-node.ts";
import { SETTLE_MS } from "./limits.ts";
import type { FromThread } from "./system-thread.ts";
import type { ThreadProgram } from "./thread-placement.ts";

/** Serves one instance of a component in this thread, until it is to drain. */
export async function serveThread(): Promise<void> {
  const say = (message: FromThread) => parentPort?.postMessage(message);
  try {
    const { node, component, directory } = await openNode(workerData as ThreadProgram);
    parentPort?.once("message", () => {
      directory.leave();
      void finish(node, component).then(() => process.exit(0));
    });
    say({ kind: "ready" });
  } catch (error) {
    say({ kind: "failed", text: messageOf(error) });
    process.exit(1);
  }
}

/** Finishes what was accepted. What is on its way meanwhile still finds somebody who refuses it for certain. */
async function finish(node: Node, component: string): Promise<void> {
  await Promise.all([node.setCapacity(component, { instances: 0 }), node.clock.sleep(SETTLE_MS)]);
  await node.stop();
}

async function openNode({ paths, cwd, component, node: name, seeds, agent, listen }: ThreadProgram) {
  const loaded = await loadComponents(paths, { cwd });
  const found = component === undefined ? loaded[0] : loaded.find((one) => one.name === component);
  if (found === undefined) {
    const text = `Cannot serve "${component}": ${paths.join(", ")} has ${loaded.map((one) => `"${one.name}"`).join(", ")}`;
    throw new OrreryError("not_found", text);
  }
  const directory = createGossipDirectory({ seeds });
  const node = await createMeshNode({
    name,
    directory,
    components: [found.component],
    capacity: { [found.name]: { instances: 1 } },
    listen: [listen ?? "tcp://127.0.0.1:0"],
    ...(agent !== undefined && { agent }),
  });
  await node.start();
  return { node, component: found.name, directory };
}
