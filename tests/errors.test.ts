import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type Client,
  type ClientNode,
  CODES,
  createClient,
  createMemoryHub,
  createNode,
  createSystemClock,
  createSystemRandom,
  createTableDirectory,
  defineComponent,
  defineService,
  isOrreryError,
  json,
  type Node,
  OrreryError,
} from "@orrery/core";
import { createHttpClient, createHttpDoor, type HttpDoor } from "@orrery/http";
import { createMechtronComponent, createModelCage } from "@orrery/platform";
import { RelayService } from "./gen/relay/v1/relay_pb.ts";

const Faulty = defineService("faulty", { fail: { request: json<string>(), reply: json<string>() } });
const Between = defineService("between", { fail: { request: json<string>(), reply: json<string>() } });
const Guest = defineService("guest", { fail: { request: json<string>(), reply: json<string>() } });
const DETAILS = { place: "Atlantis", tries: [1, 2, { last: null }] };
const textOf = (code: string) => `Cannot find "${code}": no such place, name another`;

/** Fails with a code, or as code does in which there is a mistake. */
function fail(how: string): never {
  const code = CODES.find((one) => one === how);
  if (code === undefined) throw new TypeError("the password is swordfish");
  throw new OrreryError(code, textOf(code), { details: DETAILS, cause: new Error("swordfish") });
}

/** A script that fails as it is told, or hands on how a service failed that it calls. */
const GUEST = new TextEncoder().encode(`export default { abi: 1, async handle(head, body, host) {
  const how = JSON.parse(body);
  if (how === "mistake") throw new TypeError("the password is swordfish");
  const message = 'Cannot find "' + how + '": no such place, name another';
  if (!how.startsWith("call ")) return { head: JSON.stringify({ failure: { code: how, message } }), body: "" };
  const asked = JSON.stringify({ service: "faulty", method: "fail", contentType: "application/json" });
  const { head: answer } = await host.call(asked, JSON.stringify(how.slice(5)));
  return { head: JSON.stringify({ failure: JSON.parse(answer).failure }), body: "" };
} };`);

let far: Node;
let near: ClientNode;
let door: HttpDoor;
let web: Pick<Client<typeof RelayService>, "fail">;
let closeWeb = () => {};

before(async () => {
  const hub = createMemoryHub();
  const cage = await createModelCage({ clock: createSystemClock(), random: createSystemRandom() });
  const others = ["echo", "wait", "look", "note", "crash", "count", "announce"].map((name) => [name, fail] as const);
  const relay = { ...Object.fromEntries(others), fail: ({ how }: { how: string }) => fail(how) };
  far = createNode({
    components: [
      defineComponent(RelayService, () => relay as never),
      defineComponent(Faulty, () => ({ fail })),
      defineComponent(Between, () => ({ fail: (how, context) => context.client(Faulty).fail(how) })),
      createMechtronComponent({ name: "guest", cage, service: Guest, code: GUEST, kind: "script", calls: [Faulty] }),
    ],
    transports: [hub.transport({ bodies: "bytes" })],
    listen: ["memory://far"],
  });
  await far.start();
  const names = [RelayService.typeName, "faulty", "between", "guest"];
  const directory = createTableDirectory(Object.fromEntries(names.map((name) => [name, ["memory://far"]])));
  near = createClient({ transports: [hub.transport({ bodies: "bytes" })], directory });
  door = createHttpDoor({ node: near, services: [RelayService] });
  const client = createHttpClient({ url: await door.listen() });
  web = client.client(RelayService);
  closeWeb = client.close;
});
after(async () => {
  closeWeb();
  await door?.close({ timeoutMs: 100 });
  await near?.stop();
  await far?.stop({ timeoutMs: 0 });
});

/** Ways from whoever fails to whoever asked, and whether details come along: what guests say has none. */
const WAYS: readonly (readonly [name: string, ask: (how: string) => Promise<unknown>, hasDetails: boolean])[] = [
  ["in another node", (how) => near.client(Faulty).fail(how), true],
  ["behind another component", (how) => near.client(Between).fail(how), true],
  ["behind an HTTP door", (how) => web.fail({ how }), true],
  ["in a guest", (how) => near.client(Guest).fail(how), false],
  ["in a service that a guest calls", (how) => near.client(Guest).fail(`call ${how}`), false],
];

async function errorOf(asked: Promise<unknown>): Promise<OrreryError> {
  try {
    await asked;
  } catch (error) {
    assert.ok(isOrreryError(error), String(error));
    return error;
  }
  throw new Error("it did not fail");
}

for (const [name, ask, hasDetails] of WAYS) {
  for (const code of CODES)
    test(`an error with code ${code} that is thrown ${name} is told whoever asked as it was`, async () => {
      const error = await errorOf(ask(code));
      const { message, kind, definite, details } = error;
      assert.deepEqual(
        { code: error.code, message, kind, definite },
        { code, message: textOf(code), kind: "error", definite: true },
      );
      if (hasDetails) assert.deepEqual(details, DETAILS);
      assert.doesNotMatch(`${JSON.stringify(details)} ${String(error.cause)}`, /swordfish/);
    });

  test(`a mistake in code ${name} is told apart from an error, and tells nothing of itself`, async () => {
    const error = await errorOf(ask("mistake"));
    assert.equal(error.code, "internal", error.message);
    if (name === "in a guest") return assert.equal(error.details["fault"], "trapped"); // Whoever may send to it is told what it threw.
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error.details)}`, /swordfish/);
  });
}
