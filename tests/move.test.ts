import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Call,
  type Client,
  type ClientNode,
  createClient,
  createNode,
  createTableDirectory,
  type Outcome,
  outcomeOf,
  type Sender,
} from "@orrery/core";
import { createZmqTransport } from "@orrery/zmq";
import { RelayService } from "./gen/relay/v1/relay_pb.ts";
import { clientOf } from "./testing/client-of.ts";
import { createRelay } from "./testing/relay.ts";
import { startServer } from "./testing/start-server.ts";

/** Knows nothing of where the relay is. That it handles every kind of outcome is checked by the type checker. */
async function ask({ client }: ClientNode, text: string, timeoutMs = 20_000): Promise<string> {
  const outcome = await outcomeOf(client(RelayService).echo({ payload: { text } }, { timeoutMs }));
  switch (outcome.kind) {
    case "reply":
      return outcome.value.payload?.text ?? "";
    case "error":
    case "timeout":
    case "bounced":
    case "unreachable":
    case "cancelled":
    case "defect":
      return `${outcome.kind}, ${outcome.definite ? "definitely" : "perhaps"}`;
  }
}

// The lines of this function are only for the type checker: each fails to compile where a call's type forgets how calls end.
function everyCallCanFail(client: Client<typeof RelayService>, sender: Sender<typeof RelayService>): void {
  type Calls = Extract<ReturnType<(typeof client)[keyof typeof client]>, Promise<unknown>>;
  type AllAreCalls = Calls extends Call<unknown> ? true : false;
  type Ways = Awaited<ReturnType<typeof outcomeOf<string>>>["kind"];
  const calls: AllAreCalls = true;
  const ticket: Call<void> = sender.note({ text: "" }).accepted;
  const echo: Call<{ payload?: unknown }> = client.echo({});
  const union: Promise<Outcome<void>> = outcomeOf(ticket);
  const ways: Record<Ways, string> = {
    reply: "",
    error: "",
    timeout: "",
    bounced: "",
    unreachable: "",
    cancelled: "",
    defect: "",
  };
  // @ts-expect-error The value of an outcome is there only once its kind has been looked at.
  void union.then((outcome) => outcome.value);
  void [calls, echo, ways];
}

test("the type of every call has every way in which a call can end", () => {
  assert.equal(typeof everyCallCanFail, "function");
});

test("the same code calls a component of its own node", async () => {
  await using node = createNode({ components: [createRelay()] });
  await node.start();
  assert.equal(await ask(node, "here"), "here");
});

test("the same code calls a component in another process, and learns that it is gone", async () => {
  await using server = await startServer();
  await using client = clientOf(server.address);
  assert.equal(await ask(client, "there"), "there");
  await server.kill();
  assert.match(await ask(client, "there", 500), /^(unreachable, definitely|unreachable, perhaps|timeout, perhaps)$/);
});

test("the same code learns that a peer was never there, definitely", async () => {
  const transport = createZmqTransport();
  const free = await transport.listen("tcp://127.0.0.1:0");
  await transport.close();
  await using client = clientOf(free);
  assert.equal(await ask(client, "nowhere", 500), "unreachable, definitely");
});

test("the same code learns that nobody knows the component, definitely", async () => {
  await using client = createClient({ directory: createTableDirectory({}) });
  assert.equal(await ask(client, "nowhere"), "bounced, definitely");
});
