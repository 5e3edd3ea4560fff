import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { askRaw, nextLocalAddress, type RawAnswer } from "./ask-raw.ts";
import { buildScript } from "./build-mechtron.ts";
import type { AskedOf } from "./deny-table.ts";
import { openTestUp, type TestUp } from "./up.ts";

/** In everything that is Bob's, and nowhere else. */
export const SECRET = "moonstone";
export const ANN = "ann.test:users:ann";
export const BOB = "bob.test:users:bob";
export const PASSWORD = "clockwork of the planets";
/** A Space in which all is, one in which nothing is, and none. */
export const SPACES = ["bob.test", "bare.test", "none.test"] as const;
/** What nobody began. */
export const NOTHING = { upload: "a".repeat(32), archive: `sha256:${"b".repeat(64)}` };

/** What a method was answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A platform of two tenants, of whom one has all that there is, and the other asks for it. */
export interface DenyWorld extends AsyncDisposable {
  readonly up: TestUp;
  /** Access tokens of users, by their addresses. */
  readonly tokens: ReadonlyMap<string, string>;
  /** The session of Ann's browser at her own space's host. */
  readonly cookie: string;
  /** What Bob began. */
  readonly begun: typeof NOTHING;
  /** Posts to the HTTP port, as somebody, each time from another address of this machine, since who asks too often waits; of a stream, gives the first line. */
  post(path: string, body: object, token?: string): Promise<Answer>;
}

/** Opens it. `pub.test` is for everybody, but for what its users alone see. */
export async function openDenyWorld(): Promise<DenyWorld> {
  await using parts = new AsyncDisposableStack();
  const up = parts.use(await openTestUp({ isolation: "none", upstreams: ["127.0.0.1:9"] }));
  const tokens = new Map<string, string>();
  const post = poster(up.http);
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
  await fill(up, "bob.test", SECRET);
  const own = async (path: string, body: object): Promise<Readonly<Record<string, string>>> => {
    const answer = await post(path, body, tokens.get(BOB));
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body) as Record<string, string>;
  };
  const cookie = await logIn(up.web);
  const { upload = "" } = await own("orrery.registry.v1.FileService/BeginUpload", {
    ...{ address: "bob.test:files:/b.txt", bytes: 1 },
  });
  const archive = `sha256:${createHash("sha256").update("a").digest("hex")}`;
  const bundle = { address: "bob.test:code:3.0.0", archive, bytes: 1, digest: `sha256:${"c".repeat(64)}` };
  await own("orrery.registry.v1.BundleService/Begin", bundle);
  const open = parts.move();
  return { up, tokens, cookie, begun: { upload, archive }, post, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** Logs Ann in as a browser does; gives the cookie that it has then. */
async function logIn(web: string): Promise<string> {
  const host = ["Host", "ann.test"] as const;
  const page = await askRaw(web, { method: "GET", target: "/-/login?of=ann.test:users", fields: [host] });
  const [form] = cookieOf(page);
  const csrf = /name="csrf" value="([^"]*)"/.exec(page.body)?.[1] ?? "";
  const body = new URLSearchParams({ of: "ann.test:users", name: "ann", password: PASSWORD, csrf }).toString();
  const type = ["Content-Type", "application/x-www-form-urlencoded"] as const;
  const target = "/-/login";
  const answer = await askRaw(web, { method: "POST", target, fields: [host, type, ["Cookie", form ?? ""]], body });
  assert.equal(answer.status, 303, answer.body);
  return cookieOf(answer)[0] ?? "";
}

function cookieOf({ fields }: RawAnswer): readonly string[] {
  return fields.flatMap((one) => /^set-cookie: ([^;]*)/.exec(one)?.[1] ?? []);
}

function poster(url: string): DenyWorld["post"] {
  return async (path, body, token) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const asking = request(`${url}/${path}`, {
      ...{ method: "POST", headers, localAddress: nextLocalAddress(), agent: false },
    });
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
  };
}

/** Puts a word into everything that a Space can have. */
async function fill(up: TestUp, space: string, word: string): Promise<void> {
  const agent = `--agent=${space}:users:${space.split(".")[0]}`;
  mkdirSync(join(up.cwd, space), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(up.cwd, space, name), text);
  write("orrery.yaml", APP(word));
  write("sayer.ts", SAYER("test", word));
  write("twin.ts", SAYER(word, word));
  write("a.txt", word);
  await buildScript(join(up.cwd, space, "guest.js"), GUEST(word));
  await up.done(`run ${space} --space=${space} --name=app --wait`);
  await up.done(`send ${space}:app test.sayer/say '{}'`);
  await up.done(`create ${space}:files<FileSystem> ${agent}`);
  await up.done(`cp ${space}/a.txt ${space}:files:/a.txt ${agent}`);
  await up.done(`publish ${space} ${space}:code:1.0.0 ${agent}`);
  await up.done(`tag ${space}:code live 1.0.0 ${agent}`);
  await up.done(`config set ${word} 1 --space=${space} ${agent}`);
  await up.done(`store set a ${word} --table=orders --space=${space} ${agent}`);
  await up.done(`events publish orders '{"${word}":1}' --space=${space} ${agent}`);
  await up.done(`billing subscribe ${word}@a.test --space=${space} ${agent}`);
  await up.done(`invite add ${word}2@a.test --space=${space} ${agent}`);
}

const APP = (word: string) => `
components: { sayer: sayer.ts, ${word}.sayer: twin.ts }
mechtrons: { guest: { path: guest.js, methods: [greet] } }
routes:
  - { path: "/pages/{rest*}", files: "/{rest}" }
  - { path: /order, service: test.sayer/say, body: 1kB }
  - { path: "/calls/{method}", service: "test.sayer/{method}" }
  - { path: "/script/{rest*}", mechtron: guest }
  - { path: "/up/{rest*}", upstream: "http://127.0.0.1:9/{rest}" }
  - { path: /away, redirect: /elsewhere }
`;

const SAYER = (part: string, word: string) => `
import { defineComponent, defineService, json } from "@orrery/core";
const Sayer = defineService("${part}.sayer", { say: { request: json<object>(), reply: json<object>() } });
export default defineComponent(Sayer, () => ({
  say: () => {
    console.log("it says ${word}");
    return {};
  },
}));
`;

const GUEST = (word: string) => `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  services: { guest: { greet: () => ({ said: "${word}" }) } },
  http: () => ({ body: "${word}" }),
});
`;

/** What differs from answer to answer, and tells nothing. */
export function plain({ status, body }: Answer, { space, upload, archive }: AskedOf): string {
  const text = body
    .replaceAll(space, "SPACE")
    .replaceAll(upload, "UPLOAD")
    .replaceAll(archive, "ARCHIVE")
    .replace(/"value":"[\w+/=-]*"/g, '"value":""') // The same as `debug`, which is compared, in another writing.
    .replace(/"where":"([\w.]+)\.\d+-\w+"/, '"where":"$1"') // Whichever instance had nothing else to do.
    .replace(/"signup":"[\w-]+"/, '"signup":""')
    .replace(/"codeUntil":"\d+"/, "");
  return `${status} ${text}`;
}
