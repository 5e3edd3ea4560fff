import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageContext } from "./message-context.ts";
import type { Port } from "./port.ts";
import { createStreamTable } from "./stream-table.ts";

const port = (): Port => ({ carriesValues: false, link: undefined, send: () => "accepted" });
const message = (at: Port, id: number) => ({ port: at, envelope: { id } }) as MessageContext;

test("createStreamTable finds a stream by the port and the id that its reader gave it", () => {
  const table = createStreamTable();
  const [one, two] = [port(), port()];
  const streams = [message(one, 1), message(one, 2), message(two, 1)];
  for (const stream of streams) table.add(stream);
  assert.deepEqual([table.find(one, 1), table.find(one, 2), table.find(two, 1)], streams);
  assert.equal(table.find(two, 2), undefined);
  assert.equal(table.find(port(), 1), undefined);
});

test("createStreamTable forgets a stream that has ended, and what never was", () => {
  const table = createStreamTable();
  const at = port();
  const stream = message(at, 1);
  table.add(stream);
  table.remove(stream);
  table.remove(stream);
  table.remove(message(port(), 7));
  assert.equal(table.find(at, 1), undefined);
});
