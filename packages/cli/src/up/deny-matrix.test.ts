import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineService, isOrreryError, json } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { OperateService } from "@orrery/mesh/operate";
import { UpkeepService } from "@orrery/registry/upkeep";
import { DENY_TABLE, type DenyCase, type DenyKind, type ListedService } from "../testing/deny-table.ts";
import { denyWebSuite } from "../testing/deny-web-suite.ts";
import { ANN, type DenyWorld, NOTHING, openDenyWorld, plain, SECRET, SPACES } from "../testing/deny-world.ts";

let world: DenyWorld;
before(async () => {
  world = await openDenyWorld();
});
after(() => world?.[Symbol.asyncDispose]());

/** What a node serves besides: to operators, and to whoever may execute what a message is for. */
const OPERATORS_ALONE = [UpkeepService, OperateService] as const;
const DRIVERS = ["orrery.apps", "orrery.mechtrons"];

/** How an answer begins. */
const TOLD: Readonly<Record<DenyKind, RegExp>> = {
  closed: /^(403 .*permission_denied|404 .*not_found|401 .*unauthenticated)/,
  empty: /^200 /,
  own: /^(200|400) /,
  operators: /^403 .*only operators/,
};

interface Asking {
  readonly service: ListedService;
  readonly method: string;
  readonly case: DenyCase;
}

/** Where a method is at the HTTP port. */
function pathOf({ service, method }: Asking): string {
  return `${service.typeName}/${service.methods.find(({ localName }) => localName === method)?.name}`;
}

const METHODS: readonly Asking[] = DENY_TABLE.flatMap(({ service, methods }) =>
  Object.entries(methods).map(([method, one]) => ({ service, method, case: one })),
);

describe("what is in a Space, for those outside", () => {
  it("is asked for by every method of every service at the HTTP port", async () => {
    const answer = await fetch(`${world.up.http}/services`);
    const { services } = (await answer.json()) as { services: { name: string; methods: { path: string }[] }[] };
    const listed = services.flatMap(({ methods }) => methods.map(({ path }) => path.slice(1)));
    const asked = DENY_TABLE.flatMap(({ service }) => service.methods.map(({ name }) => `${service.typeName}/${name}`));
    assert.deepEqual(asked.sort(), listed.sort());
    // What the node has besides is not at that port.
    const others = world.up.components.filter((name) => !services.some((service) => service.name === name));
    assert.deepEqual(others.sort(), [...OPERATORS_ALONE.map(({ typeName }) => typeName), ...DRIVERS].sort());
  });

  it("is not told by the pages of the HTTP port", async () => {
    const { http, pages } = world.up;
    assert.deepEqual(pages, ["/", "/services", "/healthz", "/status", "/metrics"]);
    for (const path of pages)
      for (const accept of ["text/html", "application/json"]) {
        const text = await (await fetch(`${http}${path}`, { headers: { accept } })).text();
        for (const name of [SECRET, ...SPACES, "sayer"]) assert.ok(!text.includes(name), `${path} tells ${name}`);
      }
  });

  it("is not theirs by what only this machine reaches", async () => {
    const directory = { resolve: () => [world.up.address], components: () => [...world.up.components] };
    for (const agent of ["anonymous", ANN]) {
      await using stack = new AsyncDisposableStack();
      const node = await createMeshClient({ directory, agent });
      stack.defer(() => node.stop());
      for (const service of OPERATORS_ALONE) {
        const client = node.client(service) as unknown as Readonly<Record<string, (request: object) => unknown>>;
        for (const { localName } of service.methods) {
          const answer = client[localName]?.({}) as Promise<unknown> | AsyncIterable<unknown>;
          const told = Symbol.asyncIterator in answer ? answer[Symbol.asyncIterator]().next() : answer;
          await assert.rejects(told, { code: "permission_denied" }, `${service.typeName}.${localName}`);
        }
      }
      for (const driver of DRIVERS) {
        const client = node.client(defineService(driver, { send: { request: json<object>(), reply: json<object>() } }));
        const told = SPACES.map(async (space) => {
          const message = { address: `${space}:app`, method: "test.sayer/say" };
          const error = await client.send(message).catch((reason: unknown) => reason);
          return isOrreryError(error) ? `${error.code} ${error.message.replaceAll(space, "SPACE")}` : "it was taken";
        });
        const [first = "", ...others] = await Promise.all(told);
        assert.match(first, /^permission_denied/);
        assert.deepEqual(others, [first, first]);
      }
    }
  });

  for (const one of METHODS)
    it(`is not told of, nor whether it is there: ${one.service.typeName}.${one.method}`, async () => {
      const asks = one.case.asks.flatMap((ask) => ["anonymous", ANN].map((agent) => ({ ask, agent })));
      for (const { ask, agent } of asks) {
        const told = await Promise.all(
          SPACES.map(async (space, index) => {
            const of = { space, agent, ...(index === 0 ? world.begun : NOTHING) };
            const answer = await world.post(pathOf(one), ask(of), world.tokens.get(agent));
            assert.ok(!answer.body.includes(SECRET), answer.body);
            return plain(answer, of);
          }),
        );
        const [first = ""] = told;
        assert.deepEqual(told, [first, first, first]);
        assert.match(first, TOLD[one.case.kind]);
      }
    });
});

denyWebSuite(() => world);
