import { createNode, type Node, type NodeOptions } from "@orrery/core";
import { createTelemetry } from "../telemetry/telemetry.ts";
import { createOperateComponent, type OperateOptions } from "./operate-component.ts";
import { processUsage } from "./system-usage.ts";

/**
 * Makes a node that operators can look at and change while it runs; it has telemetry, of its own where none is given. @throws OrreryError as `createNode`.
 */
export function createOperatedNode(options: NodeOptions, operate: OperateOptions = {}): Node {
  const { components, directory, limits, telemetry = createTelemetry() } = options;
  const operated = () => ({ node, directory, limits, telemetry });
  const component = createOperateComponent({ ...operate, operated, usage: processUsage });
  const node = createNode({ ...options, telemetry, components: [...components, component] });
  return node;
}
