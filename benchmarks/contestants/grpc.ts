import { Client, credentials, type MethodDefinition, Server, ServerCredentials } from "@grpc/grpc-js";
import { contractOf } from "@orrery/core/internal";
import { type Order, Work as WorkService } from "../gen/orrery/benchmarks/v1/work_pb.ts";
import type { Contestant } from "../lib/contestant.ts";
import { prepareBytes, prepareOrder } from "../lib/payloads.ts";

const body = contractOf(WorkService).methods.get("place")?.request;

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const same = (bytes: Buffer): Buffer => bytes;
const writeOrder = (order: Order): Buffer => asBuffer(body?.encode(order) as Uint8Array);
const readOrder = (bytes: Buffer): Order => body?.decode(bytes) as Order;

function unary<T>(path: string, write: (value: T) => Buffer, read: (bytes: Buffer) => T): MethodDefinition<T, T> {
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: write,
    requestDeserialize: read,
    responseSerialize: write,
    responseDeserialize: read,
  };
}

const CARRY = unary("/work/Carry", same, same);
const PLACE = unary("/work/Place", writeOrder, readOrder);

/** Room for 1,024 messages of 64 KiB in one session, and windows that do not stall them. */
const OPTIONS = { "grpc-node.max_session_memory": 1024, "grpc-node.flow_control_window": 16 * 1024 * 1024 };

/** gRPC by grpc-js on one channel; bytes without a codec, orders in the same protobuf codec that Orrery uses. */
export function contestant(): Contestant {
  return {
    async serve() {
      const server = new Server(OPTIONS);
      const carry = async (payload: Buffer): Promise<Buffer> => payload;
      const place = async (order: Order): Promise<Order> => order;
      server.addService(
        { carry: CARRY, place: PLACE },
        {
          carry: handler(carry),
          place: handler(place),
        },
      );
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
      return { place: `127.0.0.1:${await promise}` };
    },
    async connect(address) {
      const client = new Client(address, credentials.createInsecure(), OPTIONS);
      return {
        prepare: (work) =>
          work.kind === "order"
            ? prepareOrder((order) => request(client, PLACE, order as unknown as Order))
            : prepareBytes(work, (payload) => request(client, CARRY, payload)),
      };
    },
  };
}

function handler<T>(handle: (request: T) => Promise<T>) {
  return (call: { request: T }, callback: (error: null, reply: T) => void): void => {
    void handle(call.request).then((reply) => callback(null, reply));
  };
}

function request<T>(client: Client, method: MethodDefinition<T, T>, value: T): Promise<T> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, value, (error, reply) =>
      error === null ? resolve(reply as T) : reject(error),
    );
  });
}
