import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import { defineService } from "./contract-schema.ts";
import { json } from "./json-body.ts";
import { OrreryError } from "./orrery-error.ts";
import { Shop } from "./testing/services.ts";
import { startTestNode } from "./testing/test-node.ts";

const fit = {
  buy: () => ({ total: 1 }),
  note: () => undefined,
  async *watch() {
    yield { at: 1 };
  },
  close: () => undefined,
};

const refused: readonly { readonly what: string; readonly factory: () => unknown; readonly text: string }[] = [
  {
    what: "a factory that gives handlers for too few methods",
    factory: () => ({ buy: fit.buy, close: fit.close }),
    text: 'it has no handler for "note", "watch", its factory must return one for each method',
  },
  {
    what: "a handler that is no function",
    factory: () => ({ ...fit, note: "later" }),
    text: 'it has no handler for "note", its factory must return one for each method',
  },
  {
    what: "handlers that the contract does not know",
    factory: () => ({ ...fit, sell: fit.buy, steal: fit.buy }),
    text: 'it has handlers for "sell", "steal", which the contract does not know; its methods are buy, note, watch, close',
  },
  {
    what: "a factory that gives nothing",
    factory: () => undefined,
    text: "its factory gave undefined, give an object of handlers",
  },
  { what: "a factory that gives null", factory: () => null, text: "its factory gave null, give an object of handlers" },
  {
    what: "an async factory",
    factory: async () => fit,
    text: "its factory gave a promise, give the handlers at once and do slow work in onStart",
  },
  {
    what: "an async factory that fails",
    factory: async () => {
      throw new Error("never told");
    },
    text: "its factory gave a promise, give the handlers at once and do slow work in onStart",
  },
  {
    what: "an async function for a stream",
    factory: () => ({ ...fit, watch: async () => undefined }),
    text: 'handler "watch" is an async function, but its mode is stream, make it an async function*',
  },
  {
    what: "a generator for a stream",
    factory: () => ({
      ...fit,
      *watch() {
        yield { at: 1 };
      },
    }),
    text: 'handler "watch" is a function*, but its mode is stream, make it an async function*',
  },
  {
    what: "an async generator for a sync method",
    factory: () => ({ ...fit, buy: fit.watch }),
    text: 'handler "buy" is a generator, but its mode is sync, make it a function or an async one',
  },
  {
    what: "a generator for an async method",
    factory: () => ({
      ...fit,
      *note() {
        yield 1;
      },
    }),
    text: 'handler "note" is a generator, but its mode is async, make it a function or an async one',
  },
];

for (const { what, factory, text } of refused) {
  test(`takeHandlers refuses ${what}`, async () => {
    const component = defineComponent(Shop, factory as never);
    await assert.rejects(
      startTestNode([component]),
      new OrreryError("invalid_argument", `Cannot start component "shop": ${text}`),
    );
  });
}

test("takeHandlers does not take what every object inherits for a handler", async () => {
  const Odd = defineService("odd", { toString: { request: json<number>(), reply: json<number>() } });
  const text =
    'Cannot start component "odd": it has no handler for "toString", its factory must return one for each method';
  await assert.rejects(
    startTestNode([defineComponent(Odd, () => ({}) as never)]),
    new OrreryError("invalid_argument", text),
  );
  const { node } = await startTestNode([
    defineComponent(Odd, () => ({ toString: (request: number) => request + 1 }) as never),
  ]);
  const client = node.client(Odd) as unknown as { toString(request: number): Promise<number> };
  assert.equal(await client.toString(1), 2);
  await node.stop();
});

test("takeHandlers takes an object of a class, with its fields and helpers, and keeps its this", async () => {
  class Till {
    sold = 0;
    buy({ count = 1 }: { count?: number | undefined }): { total: number } {
      return this.add(count);
    }
    note(): void {
      this.sold = 0;
    }
    async *watch(): AsyncIterable<{ at: number }> {
      yield { at: this.sold };
    }
    close(): void {}
    private add(count: number): { total: number } {
      this.sold += count;
      return { total: this.sold };
    }
  }
  const { node } = await startTestNode([defineComponent(Shop, () => new Till())]);
  await node.client(Shop).buy({ item: "a", count: 2 });
  assert.deepEqual(await node.client(Shop).buy({ item: "b", count: 3 }), { total: 5 });
  assert.deepEqual(await node.client(Shop).watch({ upTo: 1 }).next(), { done: false, value: { at: 5 } });
  await node.stop();
});
