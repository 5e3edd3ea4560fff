import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryHub, createNode, createTableDirectory, type Transport } from "@orrery/core";
import {
  createEnvelope,
  type Envelope,
  type Head,
  isControl,
  Kind,
  type Link,
  type WireFailure,
} from "@orrery/core/internal";
import fc from "fast-check";
import { createGateway } from "./gateway.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 9_000, maxLength: 9_001 }));
/** Fields that this version does not know: number 100 of an envelope, of any bytes. */
const unknown = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .map((of) => new Uint8Array([0xa2, 0x06, of.length, ...of]));
const failure: fc.Arbitrary<WireFailure> = fc.record({
  kind: fc.constantFrom("error", "timeout", "bounced", "unreachable", "cancelled", "defect"),
  code: fc.constantFrom("not_found", "aborted", "a newer one"),
  reason: text,
  message: text,
  definite: fc.boolean(),
  where: text,
  details: fc.constantFrom("", '{"a":[1]}', "no json"),
});
const asked = fc.record({
  kind: fc.constantFrom(Kind.request, Kind.oneWay, Kind.streamOpen),
  bytes,
  unknown: fc.option(unknown, { nil: undefined }),
  attempt: fc.nat(),
  idempotencyKey: text,
  shardKey: text,
  orderKey: fc.option(fc.uint8Array({ minLength: 1, maxLength: 9 }), { nil: undefined }),
  wire: fc.constantFrom(0, 1, 2),
  credit: fc.nat({ max: 100 }),
  path: fc.array(text, { maxLength: 3 }),
});
const answered = fc.record({
  bytes,
  unknown: fc.option(unknown, { nil: undefined }),
  failure: fc.option(failure, { nil: undefined }),
});

const HEAD: Head = {
  component: "shop@us",
  method: "buy",
  version: "1.2.3",
  fingerprint: "00000000000000ff",
  mode: "sync",
  contentType: "application/x-sealed",
  instance: "shop/1",
  source: { node: "caller", instance: "caller/asker/1", incarnation: 7 },
  agent: "ann",
  horizon: undefined,
  resource: "a/b",
};

/** A raw end of a connection: what arrives at it, one after the other. */
function ends(transport: Transport) {
  const arrived: { readonly link: Link; readonly envelope: Envelope }[] = [];
  let wake: () => void = () => undefined;
  transport.onMessage((link, message) => {
    if (isControl(message)) return;
    arrived.push({ link, envelope: message });
    wake();
  });
  return async () => {
    if (arrived.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return arrived.shift() ?? assert.fail("nothing");
  };
}

test("createGateway passes on every byte of a body, both ways, and what only newer peers know", async () => {
  const hub = createMemoryHub();
  const gateway = createGateway({
    networks: [
      { network: "eu", imports: ["*"] },
      { network: "us", exports: ["*"] },
    ],
  });
  const bytesOnly = () => hub.transport({ bodies: "bytes" });
  const footOf = (network: string, directory: Record<string, readonly string[]>) =>
    createNode({
      name: `gw.${network}`,
      components: [],
      transports: [bytesOnly()],
      listen: [`memory://gw.${network}`],
      directory: createTableDirectory(directory),
      relay: gateway.relay(network),
    });
  const feet = [footOf("eu", {}), footOf("us", { shop: ["memory://shop"] })];
  for (const foot of feet) await foot.start();
  const [caller, shop] = [bytesOnly(), bytesOnly()];
  await shop.listen("memory://shop");
  const [atCaller, atShop] = [ends(caller), ends(shop)];
  const link = caller.connect("memory://gw.eu");
  let id = 0;
  const property = fc.asyncProperty(asked, answered, async (given, answer) => {
    const { kind, path, ...rest } = given;
    const envelope = Object.assign(createEnvelope(kind, ++id, HEAD), rest, { path });
    assert.equal(caller.send(link, envelope), "accepted");
    const there = await atShop();
    const { head, ...seen } = there.envelope;
    for (const [key, value] of Object.entries(rest)) assert.deepEqual(seen[key as keyof typeof seen], value, key);
    assert.equal(seen.kind, kind);
    const { component, method, version, fingerprint, contentType, instance, agent, resource } = head ?? HEAD;
    assert.deepEqual(
      { component, method, version, fingerprint, contentType, instance, agent, resource },
      {
        component: "shop",
        method: "buy",
        version: "1.2.3",
        fingerprint: HEAD.fingerprint,
        contentType: HEAD.contentType,
        instance: "shop/1",
        agent: "ann",
        resource: "a/b",
      },
    );
    assert.equal(head?.source.node, "gw.us");
    if (kind !== Kind.oneWay) assert.equal(seen.path.at(-1), "caller/asker/1@eu");
    const back = kind === Kind.streamOpen ? Kind.streamEnd : Kind.reply;
    for (const step of kind === Kind.streamOpen ? [Kind.streamItem, back] : [back]) {
      const reply = Object.assign(createEnvelope(step, there.envelope.id), answer);
      if (step === Kind.streamItem) reply.failure = undefined;
      shop.send(there.link, reply);
      const home = (await atCaller()).envelope;
      assert.deepEqual([home.kind, home.id], [step, id]);
      assert.deepEqual([home.bytes, home.unknown, home.failure], [reply.bytes, reply.unknown, reply.failure]);
    }
  });
  await fc.assert(property, { numRuns: 300 });
  assert.equal(gateway.counts()[0]?.underWay, 0);
  for (const foot of feet) await foot.stop({ timeoutMs: 0 });
});

test("createGateway refuses what is no message that it could pass on, and ends nothing else by it", async () => {
  const hub = createMemoryHub();
  const gateway = createGateway({
    networks: [
      { network: "eu", imports: ["*"] },
      { network: "us", exports: ["*"] },
    ],
  });
  const foot = createNode({
    components: [],
    transports: [hub.transport({ bodies: "bytes" })],
    listen: ["memory://gw"],
    relay: gateway.relay("eu"),
  });
  await foot.start();
  const caller = hub.transport({ bodies: "bytes" });
  const arrived = ends(caller);
  const link = caller.connect("memory://gw");
  const refusal = async (head: Head | undefined, change: Partial<Envelope> = {}) => {
    caller.send(link, Object.assign(createEnvelope(Kind.request, 1, head), { bytes: new Uint8Array(1) }, change));
    const { failure: told } = (await arrived()).envelope;
    return `${told?.reason} ${told?.definite}`;
  };
  assert.equal(await refusal(undefined), "unknown_route true");
  assert.equal(await refusal(HEAD), "not_ready true", "its foot in the other network has not begun");
  assert.equal(await refusal({ ...HEAD, component: "shop@ap" }), "no_such_component true");
  assert.equal(await refusal({ ...HEAD, component: "shop@eu" }), "no_such_component true", "it is no way home");
  for (const kind of [Kind.cancel, Kind.streamCredit]) caller.send(link, createEnvelope(kind, 77)); // Of nothing.
  assert.equal(await refusal({ ...HEAD, component: "" }), "no_such_component true");
  await foot.stop({ timeoutMs: 0 });
});
