import { createNode, defineComponent } from "@orrery/core";
import { type Order, type Reading, Work as WorkService } from "../gen/orrery/benchmarks/v1/work_pb.ts";
import type { Connected, Contestant } from "../lib/contestant.ts";
import { type ORDER, prepareOrder, prepareReading, type READING } from "../lib/payloads.ts";

/** Calls within a process: a plain async function (`direct`), Orrery's container (`copy`, `encode`), Moleculer's broker (`moleculer`). */
export function contestant(variant: string): Contestant {
  switch (variant) {
    case "direct":
      return { connect: async () => direct() };
    case "moleculer":
      return { connect: moleculer };
    default:
      return { connect: () => orrery(variant === "encode" ? "encode" : "copy") };
  }
}

function direct(): Connected {
  const place = async (order: typeof ORDER) => order;
  const note = async (reading: typeof READING) => reading;
  return { prepare: (work) => (work.kind === "order" ? prepareOrder(place) : prepareReading(note)) };
}

async function orrery(local: "copy" | "encode"): Promise<Connected> {
  const work = defineComponent(WorkService, () => ({
    place: async (order: Order) => order,
    note: async (reading: Reading) => reading,
    carry: async (blob) => blob,
  }));
  const node = createNode({ components: [work], local });
  await node.start();
  const client = node.client(WorkService);
  return {
    prepare: (kind) =>
      kind.kind === "order"
        ? prepareOrder((order) => client.place(order))
        : prepareReading((reading) => client.note(reading)),
  };
}

async function moleculer(): Promise<Connected> {
  const { ServiceBroker } = await import("moleculer");
  const broker = new ServiceBroker({ logger: false });
  broker.createService({
    name: "work",
    actions: {
      place: async (context: { params: typeof ORDER }) => context.params,
      note: async (context: { params: typeof READING }) => context.params,
    },
  });
  await broker.start();
  return {
    prepare: (work) =>
      work.kind === "order"
        ? prepareOrder((order) => broker.call("work.place", order))
        : prepareReading((reading) => broker.call("work.note", reading)),
  };
}
