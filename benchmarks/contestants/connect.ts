import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createConnectTransport } from "@connectrpc/connect-node";
import { Work as WorkService } from "../gen/orrery/benchmarks/v1/work_pb.ts";
import type { Contestant } from "../lib/contestant.ts";
import { prepareBytes, prepareOrder } from "../lib/payloads.ts";

/** Room for 1,024 messages of 64 KiB in one session, in MB. */
const SESSION_MEMORY_MB = 1024;

/** Connect over HTTP/2 in its binary form, on one session, without compression. */
export function contestant(): Contestant {
  return {
    async serve() {
      const handler = connectNodeAdapter({
        acceptCompression: [],
        routes: (router) =>
          router.service(WorkService, {
            place: async (order) => order,
            note: async (reading) => reading,
            carry: async (blob) => blob,
          }),
      });
      const server = createServer({ maxSessionMemory: SESSION_MEMORY_MB }, handler);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return { place: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    },
    async connect(baseUrl) {
      const nodeOptions = { maxSessionMemory: SESSION_MEMORY_MB };
      const transport = createConnectTransport({ baseUrl, httpVersion: "2", acceptCompression: [], nodeOptions });
      const client = createClient(WorkService, transport);
      return {
        prepare: (work) =>
          work.kind === "order"
            ? prepareOrder((order) => client.place(order))
            : prepareBytes(work, async (data) => (await client.carry({ data: data as Uint8Array<ArrayBuffer> })).data),
      };
    },
  };
}
