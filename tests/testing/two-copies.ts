/**
 * Uses what is built, in which core has protobuf-es within it, beside the program's own copy: hands messages and descriptors from the
 * one to the other, and prints what came of it.
 */

import { create, createRegistry, equals, fromBinary, isMessage, toBinary, toJson } from "@bufbuild/protobuf";
import { createClient, createMemoryHub, createNode, createTableDirectory } from "@orrery/core";
import { contractOf, serviceFromDescription } from "@orrery/core/internal";
import { EchoReplySchema, PayloadSchema, RelayService } from "../gen/relay/v1/relay_pb.ts";
import { createRelay } from "./relay.ts";

const hub = createMemoryHub();
const address = "memory://relay";
await using node = createNode({ components: [createRelay()], transports: [hub.transport()], listen: [address] });
await node.start();
const directory = createTableDirectory({ [RelayService.typeName]: [address] });
await using client = createClient({ transports: [hub.transport()], directory });

const payload = create(PayloadSchema, {
  text: "a",
  number: -(2n ** 63n),
  parts: { b: { colour: 2, size: { case: "large", value: 7n } } },
  at: { seconds: 5n, nanos: 6 },
  sure: false,
});
const reply = await client.client(RelayService).echo({ payload });
const [described] = (await client.describe(address)).components;
if (described === undefined) throw new Error("nothing is described");
const service = await serviceFromDescription(described);
const method = contractOf(service).methods.get("echo");
if (service.kind !== "service") throw new Error("it is described as a contract of schemas");
const echoed = createRegistry(service.file).getMessage(EchoReplySchema.typeName);
if (echoed === undefined) throw new Error("the reply is not described");

process.stdout.write(
  JSON.stringify({
    core: import.meta.resolve("@orrery/core").replace(/.*(?=packages)/, ""),
    isMessage: isMessage(reply, EchoReplySchema),
    equals: reply.payload !== undefined && equals(PayloadSchema, reply.payload, payload),
    sure: reply.payload?.sure,
    json: toJson(EchoReplySchema, fromBinary(EchoReplySchema, toBinary(EchoReplySchema, reply))),
    asDescribed: toJson(echoed, reply),
    horizon: method?.horizon,
    timeoutMs: method?.timeoutMs,
  }),
);
