import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { defineService, isOrreryError, json } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { OperateService } from "@orrery/mesh/operate";
import { UpkeepService } from "@orrery/registry/upkeep";
import { type AskedOf, DENY_TABLE, type DenyCase, type DenyKind, type ListedService } from "../testing/deny-table.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** In everything that is Bob's, and nowhere else. */
const SECRET = "moonstone";
const ANN = "ann.test:users:ann";
const BOB = "bob.test:users:bob";
const PASSWORD = "clockwork of the planets";
/** A Space in which all is, one in which nothing is, and none. */
const SPACES = ["bob.test", "bare.test", "none.test"];
/** What nobody began. */
const NOTHING = { upload: "a".repeat(32), archive: `sha256:${"b".repeat(64)}` };

let up: TestUp;
const tokens = new Map<string, string>();
let begun = NOTHING;
before(async () => {
  up = await openTestUp({ isolation: "none" });
  for (const space of [...SPACES.slice(0, 2), "ann.test", "pub.test"]) await up.done(`create ${space}<Space>`);
  await up.done("create pub.test:seen<Base>");
  await up.done("auth grant r on 'pub.test:**' to anyone");
  writeFileSync(join(up.cwd, "password"), `${PASSWORD}\n`);
  for (const user of [ANN, BOB]) {
    await up.done(`user add ${user} --no-password`);
    await up.done(`user password ${user} --password-file=password`);
    await up.done(`chown ${user} ${user.split(":")[0]}`);
    const { body } = await post("orrery.accounts.v1.AccountsService/Login", { user, password: PASSWORD });
    tokens.set(user, (JSON.parse(body) as { tokens: { accessToken: string } }).tokens.accessToken);
  }
  await fill("bob.test", SECRET);
});
after(() => up?.[Symbol.asyncDispose]());

/** Puts a word into everything that a Space can have. */
async function fill(space: string, word: string): Promise<void> {
  const agent = `--agent=${space}:users:${space.split(".")[0]}`;
  mkdirSync(join(up.cwd, space), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(up.cwd, space, name), text);
  write("orrery.yaml", "components: { sayer: sayer.ts }\n");
  write("sayer.ts", SAYER(word));
  write("a.txt", word);
  await up.done(`run ${space} --space=${space} --name=app --wait`);
  await up.done(`send ${space}:app test.sayer/say '{}'`);
  await up.done(`create ${space}:files<FileSystem> ${agent}`);
  await up.done(`cp ${space}/a.txt ${space}:files:/a.txt ${agent}`);
  await up.done(`publish ${space} ${space}:code:1.0.0 ${agent}`);
  await up.done(`config set ${word} 1 --space=${space} ${agent}`);
  await up.done(`store set a ${word} --table=orders --space=${space} ${agent}`);
  await up.done(`events publish orders '{"${word}":1}' --space=${space} ${agent}`);
  await up.done(`billing subscribe ${word}@a.test --space=${space} ${agent}`);
  await up.done(`invite add ${word}2@a.test --space=${space} ${agent}`);
  const files = "orrery.registry.v1.FileService/BeginUpload";
  const { upload } = await own(files, { address: `${space}:files:/b.txt`, bytes: 1 });
  const archive = `sha256:${createHash("sha256").update("a").digest("hex")}`;
  const bundle = { address: `${space}:code:3.0.0`, archive, bytes: 1, digest: `sha256:${"c".repeat(64)}` };
  await own("orrery.registry.v1.BundleService/Begin", bundle);
  begun = { upload: upload ?? "", archive };
}

/** Posts as Bob, who may. */
async function own(path: string, body: object): Promise<Readonly<Record<string, string>>> {
  const answer = await post(path, body, tokens.get(BOB));
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body) as Record<string, string>;
}

const SAYER = (word: string) => `
import { defineComponent, defineService, json } from "@orrery/core";
const Sayer = defineService("test.sayer", { say: { request: json<object>(), reply: json<object>() } });
export default defineComponent(Sayer, () => ({
  say: () => {
    console.log("it says ${word}");
    return {};
  },
}));
`;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What a node serves besides: to operators, and to whoever may execute what a message is for. */
const OPERATORS_ALONE = [UpkeepService, OperateService] as const;
const DRIVERS = ["orrery.apps", "orrery.mechtrons"];

let asked = 0;

/** Posts to the HTTP port, as somebody, each time from another address of this machine, since who asks too often waits; of a stream, gives the first line. */
async function post(path: string, body: object, token?: string): Promise<Answer> {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const localAddress = `127.0.${1 + Math.floor(++asked / 250)}.${1 + (asked % 250)}`;
  const asking = request(`${up.http}/${path}`, { method: "POST", headers, localAddress, agent: false });
  asking.end(JSON.stringify(body));
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  const isStream = answer.headers["content-type"]?.includes("ndjson") === true;
  let text = "";
  for await (const piece of answer) {
    text += String(piece);
    if (isStream && text.includes("\n")) break;
  }
  asking.destroy();
  return { status: answer.statusCode ?? 0, body: isStream ? (text.split("\n")[0] ?? "") : text };
}

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

/** What differs from answer to answer, and tells nothing. */
function plain({ status, body }: Answer, { space, upload, archive }: AskedOf): string {
  const text = body
    .replaceAll(space, "SPACE")
    .replaceAll(upload, "UPLOAD")
    .replaceAll(archive, "ARCHIVE")
    .replace(/"value":"[\w+/=-]*"/g, '"value":""') // The same as `debug`, which is compared, in another writing.
    .replace(/"signup":"[\w-]+"/, '"signup":""')
    .replace(/"codeUntil":"\d+"/, "");
  return `${status} ${text}`;
}

const METHODS: readonly Asking[] = DENY_TABLE.flatMap(({ service, methods }) =>
  Object.entries(methods).map(([method, one]) => ({ service, method, case: one })),
);

describe("what is in a Space, for those outside", () => {
  it("is asked for by every method of every service at the HTTP port", async () => {
    const answer = await fetch(`${up.http}/services`);
    const { services } = (await answer.json()) as { services: { name: string; methods: { path: string }[] }[] };
    const listed = services.flatMap(({ methods }) => methods.map(({ path }) => path.slice(1)));
    const asked = DENY_TABLE.flatMap(({ service }) => service.methods.map(({ name }) => `${service.typeName}/${name}`));
    assert.deepEqual(asked.sort(), listed.sort());
    // What the node has besides is not at that port.
    const others = up.components.filter((name) => !services.some((service) => service.name === name));
    assert.deepEqual(others.sort(), [...OPERATORS_ALONE.map(({ typeName }) => typeName), ...DRIVERS].sort());
  });

  it("is not told by the pages of the HTTP port", async () => {
    assert.deepEqual(up.pages, ["/status"]);
    for (const path of [...up.pages, "/", "/services", "/healthz"])
      for (const accept of ["text/html", "application/json"]) {
        const text = await (await fetch(`${up.http}${path}`, { headers: { accept } })).text();
        for (const name of [SECRET, ...SPACES, "sayer"]) assert.ok(!text.includes(name), `${path} tells ${name}`);
      }
  });

  it("is not theirs by what only this machine reaches", async () => {
    const directory = { resolve: () => [up.address], components: () => [...up.components] };
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
      for (const agent of ["anonymous", ANN])
        for (const ask of one.case.asks) {
          const told: string[] = [];
          for (const space of SPACES) {
            const of = { space, agent, ...(space === SPACES[0] ? begun : NOTHING) };
            const answer = await post(pathOf(one), ask(of), tokens.get(agent));
            assert.ok(!answer.body.includes(SECRET), answer.body);
            told.push(plain(answer, of));
          }
          assert.deepEqual(
            told,
            Array.from(SPACES, () => told[0]),
          );
          assert.match(told[0] ?? "", TOLD[one.case.kind]);
        }
    });
});
