import { type ClientNode, createClient, createTableDirectory } from "@orrery/core";
import { createZmqTransport } from "@orrery/zmq";
import { RelayService } from "../gen/relay/v1/relay_pb.ts";

/** Makes a client that looks for the relay, or for other components, at an address of ZeroMQ. */
export function clientOf(address: string, components: readonly string[] = [RelayService.typeName]): ClientNode {
  const directory = createTableDirectory(Object.fromEntries(components.map((name) => [name, [address]])));
  return createClient({ name: "desk", transports: [createZmqTransport()], directory });
}
