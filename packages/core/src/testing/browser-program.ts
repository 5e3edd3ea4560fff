// What the browser test runs in a page: two components that call each other, over every carrier that a browser has.
import {
  createClient,
  createMemoryHub,
  createNode,
  createTableDirectory,
  defineComponent,
  defineService,
  json,
  outcomeOf,
} from "../index.ts";
import { ShopService } from "../testdata/gen/shop/v1/shop_pb.ts";

const Bank = defineService("bank", {
  pay: { request: json<{ cents: number }>(), reply: json<{ paid: number }>() },
  audit: { request: json<string>(), reply: json<string>() },
});

const bank = defineComponent(Bank, () => ({
  pay: ({ cents }) => ({ paid: cents }),
  audit: async (item, context) => {
    const outcome = await outcomeOf(context.client(ShopService).getPrice({ item }));
    return outcome.kind === "reply" ? `${item} costs ${outcome.value.total}` : outcome.error.message;
  },
}));

const shop = defineComponent(ShopService, () => {
  const notes: string[] = [];
  return {
    async buy({ item, count, photo }, context) {
      const { paid } = await context.client(Bank).pay({ cents: count * 5 });
      return {
        total: paid,
        receipt: photo,
        bought: { item, count, customer: { name: "Ada", number: 9007199254740993n } },
      };
    },
    getPrice: ({ item }) => ({ total: item.length }),
    note: ({ text }) => void notes.push(text),
    async *watch({ upTo }) {
      for (let at = 0; at < upTo; at++) yield { at };
    },
    close: () => undefined,
  };
});

/** Calls the shop in each way and gives what came back as plain data. */
async function use(node: ReturnType<typeof createClient>): Promise<unknown> {
  const client = node.client(ShopService);
  const { total, receipt, bought } = await client.buy({ item: "pen", count: 3, photo: new Uint8Array([1, 2, 255]) });
  const items: number[] = [];
  for await (const { at } of client.watch({ upTo: 100 })) items.push(at);
  await node.send(ShopService).note({ text: "ok" }).accepted;
  const wrong = await outcomeOf(client.buy({ count: -1 }));
  return {
    total,
    receipt: [...receipt],
    item: bought?.item,
    number: String(bought?.customer?.number),
    items: items.length,
    audit: await node.client(Bank).audit("pencil"),
    wrong: wrong.kind === "reply" ? "" : `${wrong.error.reason}: ${wrong.error.message}`,
  };
}

async function run(): Promise<unknown> {
  const results: Record<string, unknown> = {};
  for (const local of ["copy", "encode"] as const) {
    const node = createNode({ components: [bank, shop], local });
    await node.start();
    results[local] = await use(node);
    await node.stop();
  }
  for (const bodies of ["values", "bytes"] as const) {
    const hub = createMemoryHub();
    const node = createNode({
      components: [bank, shop],
      transports: [hub.transport({ bodies })],
      listen: ["memory://here"],
    });
    await node.start();
    const here = ["memory://here"];
    const directory = createTableDirectory({ bank: here, "shop.v1.ShopService": here });
    const client = createClient({ transports: [hub.transport({ bodies })], directory });
    results[bodies] = await use(client);
    await client.stop();
    await node.stop();
  }
  return results;
}

function mayEvaluate(): boolean {
  try {
    return new Function("return true")() as boolean;
  } catch {
    return false;
  }
}

const page = globalThis as { result?: Promise<unknown> };
page.result = run().then(
  (results) => ({ evaluates: mayEvaluate(), results }),
  (error: unknown) => ({ failed: error instanceof Error ? error.stack : String(error) }),
);
