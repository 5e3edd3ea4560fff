import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import { defineService } from "./contract-schema.ts";
import type { Directory, DirectoryHost } from "./directory.ts";
import { json } from "./json-body.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient, createNode } from "./node.ts";
import { failure } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import type { Port } from "./port.ts";

const Echo = defineService("echo", {
  say: { request: json<string>(), reply: json<string>() },
  count: { request: json<number>(), reply: json<number>(), mode: "stream" },
  note: { request: json<string>(), mode: "async" },
});

/** A directory that learns of the echo when the test says so, and knows versions 1.0.0 to 1.4.0. */
function lateDirectory() {
  const steps: string[] = [];
  const links: string[] = [];
  const known = Promise.withResolvers<boolean>();
  let address = "";
  let host: DirectoryHost | undefined;
  const nobody = () => failure("no_such_component", 'Cannot call component "echo": nobody is known');
  const place = (): Port => {
    if (address === "" || host === undefined) throw nobody();
    return host.port(address);
  };
  const directory: Directory = {
    resolve: () => [],
    components: () => [],
    seat(given) {
      host = given;
      return {
        router: {
          pick: () => place(),
          all: () => [],
          exactVersion(component, range) {
            steps.push(`${component}@${range}`);
            return "1.4.0";
          },
          whenReachable(component, { withinMs }) {
            steps.push(`${component} in ${withinMs > 900}`);
            return known.promise;
          },
        },
        start: () => steps.push(`start at ${given.addresses().join()}`),
        receive: (link, message) => steps.push(`${link.remote} says ${message}`),
        linkChanged: ({ kind }) => links.push(kind),
        leave: () => steps.push("leave"),
        close: () => steps.push("close"),
      };
    },
  };
  const learn = (at: string) => {
    address = at;
    known.resolve(at !== "");
  };
  return { directory, steps, links, learn, host: () => host as DirectoryHost };
}

const notes: string[] = [];
const echo = defineComponent(
  Echo,
  () => ({
    say: (text) => text,
    async *count(upTo) {
      for (let at = 0; at < upTo; at++) yield at;
    },
    note: (text) => void notes.push(text),
  }),
  { version: "1.4.0" },
);

async function setUp() {
  const hub = createMemoryHub();
  const node = createNode({ components: [echo], transports: [hub.transport({})], listen: ["memory://echo"] });
  await node.start();
  const late = lateDirectory();
  const client = createClient({ name: "asker", transports: [hub.transport({})], directory: late.directory });
  return { hub, node, client, ...late };
}

test("createClient lets what it sends wait until its directory knows of a component", async () => {
  const { client, node, learn, steps, links } = await setUp();
  const said = client.client(Echo).say("a", { timeoutMs: 1000 });
  const ticket = client.send(Echo).note("b", { timeoutMs: 1000 });
  const stream = client.client(Echo).count(3);
  const items = Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
  assert.equal(ticket.id, 0);
  learn("memory://echo");
  assert.equal(await said, "a");
  await ticket.accepted;
  assert.ok(ticket.id > 0);
  assert.deepEqual(
    (await items).map(({ value }) => value),
    [0, 1, 2, undefined],
  );
  assert.deepEqual(steps, ["echo in true", "echo in true", "echo in true"]);
  assert.deepEqual(links, ["up"]);
  await Promise.all([client.stop(), node.stop()]);
});

test("createClient gives up with the first cause when its directory says that nobody will come", async () => {
  const { client, node, learn } = await setUp();
  const said = outcomeOf(client.client(Echo).say("a"));
  learn("");
  const outcome = await said;
  assert.ok(outcome.kind === "bounced" && outcome.definite);
  assert.equal(outcome.error.reason, "no_such_component");
  await Promise.all([client.stop(), node.stop()]);
});

test("createClient asks its directory what a range means, and sends the exact version", async () => {
  const { client, node, learn, steps } = await setUp();
  learn("memory://echo");
  assert.equal(await client.client(Echo).say("a", { version: "^1.2.0" }), "a");
  assert.deepEqual(steps, ["echo@^1.2.0"]);
  const wrong = await outcomeOf(client.client(Echo).say("a", { version: "1.3.0" }));
  assert.ok(wrong.kind === "bounced" && wrong.error.reason === "no_such_version");
  await Promise.all([client.stop(), node.stop()]);
});

test("createNode tells its directory of its life, carries what it says, and counts what is open at a place", async () => {
  const { hub, client, node, learn, host } = await setUp();
  const { directory, steps, host: ownHost } = lateDirectory();
  const seated = createNode({ components: [], transports: [hub.transport({})], listen: ["memory://own"], directory });
  await seated.start();
  learn("memory://echo");
  assert.deepEqual(
    ["memory://elsewhere", "tcp://127.0.0.1:1"].map((address) => host().reaches(address)),
    [true, false],
  );
  const port = host().port("memory://echo");
  assert.equal(port.inFlight, 0);
  const said = client.client(Echo).say("a");
  assert.equal(port.inFlight, 1);
  await said;
  assert.equal(port.inFlight, 0);
  const own = host().port("memory://own");
  assert.equal(own.link && host().send(own.link, new Uint8Array([7])), "accepted");
  await seated.ping("memory://echo");
  assert.equal(ownHost().components()?.length, 0);
  assert.equal(host().components(), undefined);
  await client.ping("memory://own");
  await seated.stop();
  assert.equal(steps[0], "start at memory://own");
  assert.match(steps[1] ?? "", /says 7$/);
  assert.deepEqual(steps.slice(2, 4), ["leave", "close"]);
  await Promise.all([client.stop(), node.stop()]);
});
