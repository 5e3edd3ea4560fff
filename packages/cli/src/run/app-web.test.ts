import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { it } from "node:test";
import { buildScript } from "../testing/build-mechtron.ts";
import { makeHostProject } from "../testing/host-folder.ts";
import { type } from "../testing/memory-terminal.ts";
import { startRun } from "../testing/orrery.ts";

const GREETER = `import { defineComponent, defineService, json, OrreryError } from "@orrery/core";

const Greeter = defineService("demo.greeter", { greet: { request: json<{ name: string }>(), reply: json<{ text: string }>() } });

export default defineComponent(Greeter, () => ({
  greet: ({ name }) => {
    if (name === "") throw new OrreryError("invalid_argument", "Cannot greet nobody: say a name");
    return { text: "Hello " + name };
  },
}));
`;
const MECHTRON = `import { defineMechtron } from "@orrery/guest";

export default defineMechtron({
  services: { adder: { add: ({ a, b }: { a: number; b: number }) => ({ sum: a + b }) } },
  http: ({ method, path, query }, { agent }) =>
    ({ status: 201, contentType: "text/plain", body: [method, path, query, agent].join(" ") }),
});
`;
const APP = `components: { greeter: greeter.ts }
mechtrons:
  adder: { path: main.js, methods: [add] }
  plain: main.js
requires: [.:files]
headers: { X-App: "yes" }
routes:
  - { path: /greet, service: demo.greeter/greet }
  - { path: /add, service: adder/add }
  - { path: "/adder/{rest*}", mechtron: adder }
  - { path: "/plain/{rest*}", mechtron: plain }
  - { path: "/{rest*}", files: "/html/{rest}" }
`;

async function project() {
  const made = makeHostProject();
  made.write("app/greeter.ts", GREETER);
  made.write("app/orrery.yaml", APP);
  made.write("app/html/index.html", "<title>First</title>");
  made.write("app/secret.txt", "of the app");
  await buildScript(join(made.cwd, "app/main.js"), MECHTRON);
  return made;
}

const post = (body: object) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

for (const isolate of ["none", "process"])
  it(`orrery run answers by the routes of an orrery.yaml, with --isolate=${isolate}`, async (t) => {
    using made = await project();
    const run = startRun(["app", `--isolate=${isolate}`, "--web-port=0"], { cwd: made.cwd });
    t.after(() => void run.child.kill("SIGKILL"));
    const { web = "" } = await run.next("ready");
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${web}${path}`, init);
      return [response.status, await response.text()];
    };
    assert.deepEqual(await ask("/greet", post({ name: "Ann" })), [200, '{"text":"Hello Ann"}']);
    assert.deepEqual(await ask("/greet", post({ name: "" })), [
      400,
      '{"code":"invalid_argument","message":"Cannot greet nobody: say a name"}',
    ]);
    assert.deepEqual(await ask("/add", post({ a: 1, b: 2 })), [200, '{"sum":3}']);
    for (const name of ["adder", "plain"])
      assert.deepEqual(await ask(`/${name}/x?y`), [201, `GET /${name}/x y anonymous`]);
    const page = await fetch(`${web}/`);
    assert.deepEqual(
      [page.status, page.headers.get("content-type"), page.headers.get("x-app"), await page.text()],
      [200, "text/html; charset=utf-8", "yes", "<title>First</title>"],
    );
    made.write("app/html/index.html", "<title>Second</title>");
    assert.deepEqual(await ask("/"), [200, "<title>Second</title>"]);
    for (const path of ["/none.html", "/..%2fsecret.txt", "/%2e%2e/secret.txt"])
      assert.equal((await ask(path))[0], 404, path);
    assert.equal((await ask("/greet"))[0], 405);
    run.child.kill("SIGINT");
    const { exit, err } = await run.ended;
    assert.equal(exit, 0, err);
    assert.match(err, /"app\/orrery\.yaml" requires app\.test:files: what is not under "resources" is not made here/);
  });

it("orrery run takes another port for routes where the usual one is taken, and says which that was named is", async (t) => {
  using made = await project();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen({ host: "127.0.0.1", port: 0 }, resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const named = await type(["run", "app", `--web-port=${port}`], { cwd: made.cwd });
  assert.equal(named.exit, 4);
  assert.match(
    named.err,
    new RegExp(`Cannot listen at 127.0.0.1:${port}\\n +port is taken, choose another with --web-port`),
  );
  const runs = [1, 2].map(() => startRun(["app"], { cwd: made.cwd }));
  t.after(() => {
    for (const { child } of runs) child.kill("SIGKILL");
  });
  const [first, second] = await Promise.all(runs.map((one) => one.next("ready")));
  assert.notEqual(first?.web, second?.web);
  for (const one of [first, second]) assert.equal((await fetch(`${one?.web}/`)).status, 200);
});

it("orrery run serves no routes without sockets", async () => {
  using made = await project();
  const { exit, err } = await type(["run", "app", "--no-listen", "--web-port=0"], { cwd: made.cwd });
  assert.equal(exit, 2);
  assert.match(err, /Cannot run with --no-listen and --web-port\n +without sockets there is none of that/);
});
