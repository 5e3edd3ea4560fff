import { createSeededRandom } from "../conformance/seeded-random.ts";
import type { LogEntry } from "../log.ts";
import { createNode, type Node, type NodeOptions } from "../node.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";

/** A node under a test clock, and the lines it has written. */
export interface TestNode {
  readonly node: Node;
  readonly clock: TestClock;
  readonly lines: LogEntry[];
}

/** Makes and starts a node named `here`, whose time and chance the test decides. */
export async function startTestNode(
  components: NodeOptions["components"],
  options: Partial<NodeOptions> & { clock?: TestClock; seed?: number } = {},
): Promise<TestNode> {
  const { clock = createTestClock(), seed = 1, ...rest } = options;
  const lines: LogEntry[] = [];
  const random = createSeededRandom(seed);
  const node = createNode({ name: "here", random, log: (line) => lines.push(line), ...rest, clock, components });
  await node.start();
  return { node, clock, lines };
}
