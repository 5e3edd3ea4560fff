import { type Call, type ClientNode, defineService, json, type Outcome, outcomeOf, type Ticket } from "@orrery/core";
import { RelayService } from "../gen/relay/v1/relay_pb.ts";

const NAME = RelayService.typeName;

/** Contracts that name the relay and do not mean it. */
const Wrong = defineService(NAME, { Vanished: { request: json<object>(), reply: json<object>() } });
const Json = defineService(NAME, { Echo: { request: json<object>(), reply: json<object>() } });
const OneWay = defineService(NAME, { Echo: { mode: "async", request: json<object>() } });
const Nobody = defineService("relay.v1.NobodyService", { Echo: { request: json<object>(), reply: json<object>() } });

/** Limit of a call that is meant to end by it, in ms. */
const SHORT_MS = 100;

/** How one message ended, without what tells where it was sent. */
export type Ending = Readonly<Record<string, unknown>>;

/**
 * Sends the relay messages of every mode that end in every way that does not hang on the moment, one after the other and many at once.
 * Gives how each ended, in the order in which they were sent. The relay is stuck afterwards: stop its node without delay.
 */
export async function runWorkload(node: ClientNode): Promise<readonly Ending[]> {
  const relay = node.client(RelayService);
  const sender = node.send(RelayService);
  const endings: Ending[] = [];
  const end = async (call: Call<unknown>) => void endings.push(endingOf(await outcomeOf(call)));

  for (const number of [0n, -1n, 2n ** 63n - 1n]) await end(relay.echo({ payload: payloadOf(number) }));
  await end(relay.echo({}));
  for (const how of ["not_found", "aborted", "error", "a text", "not_found"]) await end(relay.fail({ how }));
  await end(relay.wait({}, { signal: AbortSignal.abort() }));
  await end(relay.echo({}, { version: "9.9.9" }));
  await end(relay.echo({}, { version: "1.2.3" }));
  await end(relay.echo({}, { instance: "nobody" }));
  await end(relay.echo({}, { horizon: "any" }));
  await end(node.client(Wrong).Vanished({}));
  await end(node.client(Json).Echo({}));
  await end(node.send(OneWay).Echo({}).accepted);
  await end(node.client(Nobody).Echo({}));
  await end(readAll(relay.count({ to: 100 }, { credit: 3 })));
  await end(readAll(relay.count({ to: 100, failAt: 5 })));
  await end(readAll(relay.count({ to: 0 })));
  await end(readFirst(relay.count({ to: 1_000_000 }, { credit: 2 })));

  const many: (Call<unknown> | Ticket)[] = [];
  for (let i = 0; i < 200; i++) {
    many.push(relay.echo({ payload: payloadOf(BigInt(i)) }), relay.fail({ how: i % 2 === 0 ? "aborted" : "error" }));
    many.push(sender.note({ text: `note ${i}` }));
    if (i % 50 === 0) node.publish(RelayService).announce({ text: `news ${i}` });
  }
  for (const one of many) await end("accepted" in one ? one.accepted : one);
  // Last in, last out: the relay has seen all that was sent before.
  await end(
    relay
      .look({})
      .then(({ seen, notes, announced, component, version }) => [seen, notes, announced, component, version]),
  );
  await end(relay.wait({}, { timeoutMs: SHORT_MS })); // Nothing comes after it: its handler holds the instance for good.
  return endings;
}

function payloadOf(number: bigint) {
  return {
    text: `number ${number}`,
    number,
    data: new Uint8Array([1, 2, 3]),
    samples: [0.5, Number.NaN, -0],
    parts: { a: { sure: true } },
  };
}

function endingOf(outcome: Outcome<unknown>): Ending {
  if (outcome.kind === "reply") return { kind: outcome.kind, value: outcome.value };
  const { code, reason, details, message } = outcome.error;
  const { kind, definite } = outcome;
  // What the component itself says is said the same everywhere; what is said about the way may name a node.
  return kind === "error" ? { kind, definite, code, details, message } : { kind, definite, code, reason };
}

async function readAll(stream: AsyncIterable<{ value: number }>): Promise<number[]> {
  const values: number[] = [];
  for await (const { value } of stream) values.push(value);
  return values;
}

async function readFirst(stream: AsyncIterable<{ value: number }>): Promise<number> {
  for await (const { value } of stream) return value;
  return 0;
}
