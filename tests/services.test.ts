import assert from "node:assert/strict";
import { test } from "node:test";
import { contractOf, serviceFromDescription } from "@orrery/core/internal";
import { type App, createMeshClient, launchHere, launchProcesses } from "@orrery/mesh";
import { RelayService } from "./gen/relay/v1/relay_pb.ts";
import { clientOf } from "./testing/client-of.ts";
import { startServer } from "./testing/start-server.ts";

const options = {
  paths: ["relay.ts", "clock.ts"],
  cwd: `${import.meta.dirname}/testing/apps`,
  listen: "tcp://127.0.0.1:0",
};

const LAUNCHES: readonly (readonly [what: string, launch: () => Promise<App>])[] = [
  ["launchHere", () => launchHere(options)],
  ["launchProcesses", () => launchProcesses(options)],
];

for (const [what, launch] of LAUNCHES) {
  test(`${what} knows one list: its services are its components, and so are what its directory and its nodes tell`, async () => {
    const app = await launch();
    await using client = await createMeshClient();
    try {
      const expected = ["relay.v1.RelayService", "test.clock"];
      const described = await Promise.all(app.addresses().map((address) => client.describe(address)));
      const lists = {
        services: (await app.services()).map((service) => contractOf(service).name),
        components: app.components().map(({ name }) => name),
        directory: app.directory.components(),
        described: described
          .flatMap(({ components }) => components.map(({ name }) => name))
          .filter((name) => name !== "orrery.operate.v1.OperateService"), // A node also tells of the platform's own.
      };
      for (const [list, names] of Object.entries(lists)) assert.deepEqual([...names].sort(), expected, list);
    } finally {
      await app.stop();
    }
  });
}

test("describe tells another process every option that a protobuf contract declares", async () => {
  await using server = await startServer();
  await using client = clientOf(server.address);
  const { components } = await client.describe(server.address);
  const relay = components.find(({ name }) => name === RelayService.typeName);
  assert.ok(relay !== undefined);
  assert.equal(relay.version, "1.2.3");
  const told = contractOf(await serviceFromDescription(relay)).methods;
  const meant = contractOf(RelayService).methods;
  assert.deepEqual([...told.keys()], [...meant.keys()]);
  for (const [name, method] of meant) {
    const { request: _, reply: __, ...declared } = method;
    const { request: ___, reply: ____, ...learnt } = told.get(name) ?? method;
    assert.deepEqual(learnt, declared);
  }
  const { idempotent, horizon, timeoutMs, summary } = told.get("echo") ?? {};
  assert.deepEqual(
    [idempotent, horizon, timeoutMs, summary],
    [true, "network", 20_000, "Gives back what it was sent."],
  );
  assert.deepEqual(
    [...told.values()].map(({ mode }) => mode).join(" "),
    "sync sync sync sync async async stream broadcast",
  );
});
