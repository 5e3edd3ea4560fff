/** Two nodes of one process that call each other over memory; says so when they have. Ends when its input does. */
import { createMemoryHub, createNode, createTableDirectory } from "@orrery/core";
import { RelayService } from "../gen/relay/v1/relay_pb.ts";
import { createRelay } from "./relay.ts";

const hub = createMemoryHub();
const there = createNode({ components: [createRelay()], transports: [hub.transport()], listen: ["memory://relay"] });
const directory = createTableDirectory({ [RelayService.typeName]: ["memory://relay"] });
const here = createNode({ components: [], transports: [hub.transport()], directory });
await there.start();
await here.start();
await here.client(RelayService).echo({});
process.stdout.write("called\n");
process.stdin.resume().on("end", () => {
  void here.stop();
  void there.stop();
});
