import type { ClientNode, Service } from "@orrery/core";
import { serviceFromDescription } from "@orrery/core/internal";

/**
 * Learns what the node at an address serves, so that a door can expose it without its code. Calls go where the client's directory
 * says, which is best told the same address.
 * @throws OrreryError when the node does not answer, or describes what this version cannot use.
 * @example
 * const services = await describedServices(client, "tcp://127.0.0.1:7000");
 */
export async function describedServices(node: ClientNode, address: string): Promise<readonly Service[]> {
  const { components } = await node.describe(address);
  return await Promise.all(components.map(serviceFromDescription));
}
