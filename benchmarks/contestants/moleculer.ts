import { type BrokerOptions, ServiceBroker } from "moleculer";
import type { Contestant } from "../lib/contestant.ts";
import { freePort } from "../lib/free-port.ts";
import { prepareBytes, prepareOrder, prepareText } from "../lib/payloads.ts";

const SERVER = "server";

type Serializer = "CBOR" | "JSON";

/** Moleculer over its TCP transporter, known addresses in place of UDP discovery; bodies as `json` or `cbor`. */
export function contestant(variant: string): Contestant {
  const serializer: Serializer = variant === "cbor" ? "CBOR" : "JSON";
  return {
    async serve() {
      const port = await freePort();
      const broker = new ServiceBroker(optionsOf({ nodeID: SERVER, serializer, port, urls: "" }));
      broker.createService({
        name: "work",
        actions: { carry: async (context: { params: { payload: unknown } }) => context.params.payload, place: echo },
      });
      await broker.start();
      return { place: `127.0.0.1:${port}/${SERVER}` };
    },
    async connect(place) {
      const port = await freePort();
      const broker = new ServiceBroker(optionsOf({ nodeID: "client", serializer, port, urls: place }));
      await broker.start();
      await broker.waitForServices("work");
      const carry = (payload: unknown) => broker.call("work.carry", { payload });
      return {
        prepare(work) {
          if (work.kind === "order") return prepareOrder((order) => broker.call("work.place", order));
          return serializer === "CBOR" ? prepareBytes(work, carry) : prepareText(work, carry);
        },
      };
    },
  };
}

const echo = async (context: { params: unknown }): Promise<unknown> => context.params;

function optionsOf(options: { nodeID: string; serializer: Serializer; port: number; urls: string }): BrokerOptions {
  const { nodeID, serializer, port, urls } = options;
  return {
    nodeID,
    serializer,
    logger: false,
    transporter: { type: "TCP", options: { udpDiscovery: false, useHostname: false, port, urls } },
  };
}
