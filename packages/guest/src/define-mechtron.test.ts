import { strict as assert } from "node:assert/strict";
import { test } from "node:test";
import { defineMechtron, type MechtronDefinition } from "./define-mechtron.ts";
import { GuestError } from "./guest-error.ts";
import type { ScriptBody, ScriptHost } from "./script.ts";

const lines: string[] = [];
const asked: string[] = [];
/** Answers what it is asked as text, or what a test says. */
const hostOf = (head: object = {}, body: ScriptBody = ""): ScriptHost => ({
  async call(asks, said) {
    asked.push(`${asks} ${typeof said === "string" ? said : new Uint8Array(said).join()}`);
    return { head: JSON.stringify(head), body };
  },
  log: (level, text) => void lines.push(`${level} ${text}`),
});

async function ask(definition: MechtronDefinition, head: object, body: ScriptBody = "", host = hostOf()) {
  const answer = await defineMechtron(definition).handle(JSON.stringify(head), body, host);
  return { head: JSON.parse(answer.head), body: answer.body };
}

const JSON_TYPE = "application/json";
const call = { service: "s", method: "m", contentType: JSON_TYPE };

test("defineMechtron says for which interface it was made", () => assert.equal(defineMechtron({}).abi, 1));

test("defineMechtron hands a handler plain JSON, and gives what it returns", async () => {
  const services = { s: { m: ({ place }: { place: string }) => ({ celsius: place.length }) } };
  assert.deepEqual(await ask({ services }, call, '{"place":"Oslo"}'), {
    head: { contentType: JSON_TYPE },
    body: '{"celsius":4}',
  });
});

test("defineMechtron hands a handler bytes, and gives bytes", async () => {
  const services = { s: { m: (body: Uint8Array) => body.toReversed() } };
  const { head, body } = await ask({ services }, { ...call, contentType: "image/png" }, Uint8Array.of(1, 2).buffer);
  assert.deepEqual(
    [head, [...new Uint8Array(body as ArrayBuffer)]],
    [{ contentType: "application/octet-stream" }, [2, 1]],
  );
});

test("defineMechtron tells an error that was declared, with what stands in it", async () => {
  const services = {
    s: {
      m() {
        throw new GuestError("not_found", "gone", { details: { place: "Oslo" } });
      },
    },
  };
  const failure = { code: "not_found", message: "gone", reason: "", details: '{"place":"Oslo"}', definite: true };
  assert.deepEqual((await ask({ services }, call)).head, { failure });
});

test("defineMechtron keeps any other error in the log", async () => {
  const services = {
    s: {
      m() {
        throw new Error("secret");
      },
    },
  };
  const { head } = await ask({ services }, call);
  assert.equal(head.failure.code, "internal");
  assert.doesNotMatch(JSON.stringify(head), /secret/);
  assert.match(lines.at(-1) ?? "", /^3 Error: secret/);
});

for (const method of ["absent", "toString", "constructor"]) {
  test(`defineMechtron refuses the method ${method} that it has not`, async () => {
    const { head } = await ask({ services: { s: {} } }, { ...call, method });
    assert.deepEqual(
      [head.failure.code, head.failure.message],
      ["unimplemented", `Cannot answer "s.${method}": the mechtron has no such method`],
    );
  });
}

test("defineMechtron answers HTTP by its handler, and 404 without one", async () => {
  const head = { method: "GET", path: "/a?b=c", headers: [["x-a", "1"]] };
  const http: MechtronDefinition["http"] = ({ method, path, query, headers }) => ({
    body: { method, path, query, headers },
  });
  const { head: said, body } = await ask({ http }, head);
  assert.deepEqual([said.status, said.contentType], [200, JSON_TYPE]);
  assert.deepEqual(JSON.parse(body as string), { method: "GET", path: "/a", query: "b=c", headers: [["x-a", "1"]] });
  assert.equal((await ask({}, head)).head.status, 404);
});

test("defineMechtron hands on changes of what it watches", async () => {
  const seen: unknown[] = [];
  const changed: MechtronDefinition["changed"] = (change) => void seen.push(change);
  const change = { selector: "demo:*", change: "created" };
  await ask(
    { changed },
    { service: "orrery.watch", method: "changed", contentType: JSON_TYPE },
    JSON.stringify(change),
  );
  assert.deepEqual(seen, [change]);
});

const asks: readonly [what: string, run: (context: never) => Promise<unknown>, asked: string][] = [
  [
    "call",
    (c: Ctx) => c.call("peer", "do", { a: 1 }),
    '{"service":"peer","method":"do","contentType":"application/json"} {"a":1}',
  ],
  [
    "call of bytes",
    (c: Ctx) => c.call("p", "do", Uint8Array.of(7)),
    '{"service":"p","method":"do","contentType":"application/octet-stream"} 7',
  ],
  [
    "sleep",
    (c: Ctx) => c.sleep(5),
    '{"service":"orrery.host","method":"sleep","contentType":"application/json"} {"ms":5}',
  ],
  ["config", (c: Ctx) => c.config(), '{"service":"orrery.host","method":"config","contentType":"application/json"} '],
  [
    "artifact",
    (c: Ctx) => c.artifact("/a"),
    '{"service":"orrery.host","method":"artifact","contentType":"application/json"} {"path":"/a"}',
  ],
  [
    "resources.get",
    (c: Ctx) => c.resources.get("a:b"),
    '{"service":"orrery.resources","method":"get","contentType":"application/json"} {"address":"a:b"}',
  ],
  [
    "resources.create",
    (c: Ctx) => c.resources.create({ address: "a:b", kind: "File" }),
    '{"service":"orrery.resources","method":"create","contentType":"application/json"} {"address":"a:b","kind":"File"}',
  ],
  [
    "resources.read",
    (c: Ctx) => c.resources.read("a:b:/c"),
    '{"service":"orrery.resources","method":"read","contentType":"application/json"} {"address":"a:b:/c"}',
  ],
  [
    "resources.write",
    (c: Ctx) => c.resources.write("a:b:/c", Uint8Array.of(7), { contentType: "text/css" }),
    '{"service":"orrery.resources","method":"write","path":"a:b:/c","contentType":"text/css"} 7',
  ],
  [
    "resources.watch",
    (c: Ctx) => c.resources.watch("a:*", { since: 4 }),
    '{"service":"orrery.resources","method":"watch","contentType":"application/json"} {"selector":"a:*","since":4}',
  ],
  [
    "state.get",
    (c: Ctx) => c.state.get("count"),
    '{"service":"orrery.state","method":"get","path":"count","contentType":"application/json"} ',
  ],
  [
    "state.set",
    (c: Ctx) => c.state.set("count", { n: 1 }),
    '{"service":"orrery.state","method":"set","path":"count","contentType":"application/json"} {"n":1}',
  ],
  [
    "state.set of bytes",
    (c: Ctx) => c.state.set("pic", Uint8Array.of(7)),
    '{"service":"orrery.state","method":"set","path":"pic","contentType":"application/octet-stream"} 7',
  ],
  [
    "state.keys",
    (c: Ctx) => c.state.keys("a", { after: "ab" }),
    '{"service":"orrery.state","method":"keys","path":"a","contentType":"application/json"} {"after":"ab"}',
  ],
] as readonly [string, (context: never) => Promise<unknown>, string][];
type Ctx = import("./guest-context.ts").GuestContext;
for (const [what, run, expected] of asks) {
  test(`GuestContext.${what} asks the host`, async () => {
    await ask({ services: { s: { m: (_: unknown, context) => run(context as never).then(() => undefined) } } }, call);
    assert.equal(asked.at(-1), expected);
  });
}

test("GuestContext.call rejects with the code and reason of what failed", async () => {
  const failure = {
    code: "failed_precondition",
    message: "came back",
    reason: "call_cycle",
    details: '{"a":1}',
    definite: true,
  };
  let caught: unknown;
  const services = {
    s: {
      m: (_: unknown, context: Ctx) =>
        context.call("a", "b").catch((error: unknown) => {
          caught = error;
        }),
    },
  };
  await ask({ services }, call, "", hostOf({ failure }));
  assert.ok(caught instanceof GuestError);
  assert.deepEqual(
    [caught.code, caught.message, caught.reason, caught.details, caught.definite],
    ["failed_precondition", "came back", "call_cycle", { a: 1 }, true],
  );
});

test("GuestContext.state gives nothing for a key that is not there, and rejects with any other failure", async () => {
  const given: unknown[] = [];
  const services = {
    s: {
      m: async (_: unknown, { state }: Ctx) => {
        given.push(await state.get("a").catch((error: unknown) => (error as GuestError).code));
      },
    },
  };
  for (const code of ["not_found", "resource_exhausted"])
    await ask({ services }, call, "", hostOf({ failure: { code } }));
  assert.deepEqual(given, [undefined, "resource_exhausted"]);
});

test("GuestContext.state refuses to set nothing", async () => {
  const services = { s: { m: (_: unknown, { state }: Ctx) => state.set("a", undefined) } };
  assert.equal((await ask({ services }, call)).head.failure.code, "invalid_argument");
});

test("GuestContext.now moves with what the host says", async () => {
  const times: number[] = [];
  const services = {
    s: {
      async m(_: unknown, context: Ctx) {
        times.push(context.now());
        await context.call("a", "b");
        times.push(context.now());
      },
    },
  };
  await ask({ services }, { ...call, nowMs: 5 }, "", hostOf({ nowMs: 9 }));
  assert.deepEqual(times, [5, 9]);
});
