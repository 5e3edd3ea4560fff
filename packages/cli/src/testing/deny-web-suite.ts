import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { WEB_PATHS } from "@orrery/platform";
import { askRaw, type RawAsk } from "./ask-raw.ts";
import { WEB_DENY_TABLE, type WebAsk, type WebDenyCase } from "./deny-web-table.ts";
import { ANN, type Answer, type DenyWorld, NOTHING, plain, SECRET, SPACES } from "./deny-world.ts";
import { waitUntil } from "./wait-until.ts";

/** Requests that are under way at once. */
const AT_ONCE = 8;

/** Who asks a space's host, by what he shows. */
const VISITORS = ["nobody", "token", "cookie", "bad token"] as const;

/** The header fields by which a visitor says who he is. */
function shownBy(visitor: (typeof VISITORS)[number], world: DenyWorld): RawAsk["fields"] {
  if (visitor === "nobody") return [];
  if (visitor === "cookie") return [["Cookie", world.cookie]];
  return [["Authorization", `Bearer ${visitor === "token" ? world.tokens.get(ANN) : "none"}`]];
}

/** Asks a space's host; what differs from answer to answer, and tells nothing, is left out. */
async function visit(host: string, { method, path, fields = [], body }: WebAsk, world: DenyWorld): Promise<string> {
  const ask = { method, target: path, fields: [["Host", host] as const, ...fields], ...(body && { body }) };
  const { status, fields: told, body: text } = await askRaw(world.up.web, ask);
  assert.ok(!text.includes(SECRET) && !told.join().includes(SECRET), `${host}${path}: ${text}`);
  const length = told.find((one) => one.startsWith("content-length: "))?.split(" ")[1];
  if (length !== undefined && method !== "HEAD") assert.equal(Number(length), text.length);
  const own = told
    .filter((one) => !/^(date|content-length): /.test(one))
    .map((one) => one.replace(/^(set-cookie: \S+-form)=[^;]*/, "$1"));
  const said = text.replaceAll(host, "SPACE").replaceAll(/name="csrf" value="[^"]*"/g, "");
  return [status, ...own, said].join("\n");
}

/** What outsiders are told at the hosts of Spaces, and by what they write for Spaces of their own. */
export function denyWebSuite(world: () => DenyWorld): void {
  describe("what a Space's host answers, for those outside", () => {
    it("is of a kind that is classed", () => {
      assert.deepEqual(Object.keys(WEB_DENY_TABLE).sort(), [...WEB_PATHS].sort());
    });

    for (const [path, one] of Object.entries(WEB_DENY_TABLE))
      it(`is not told of what is in it, nor whether there is anything: ${path}`, () => pathsTellNothing(one, world()));
  });

  describe("what is another one's, in what somebody writes for a space of his own", () => {
    it("is not served by a bind that names it, to anybody", () => bindsServeNothing(world()));
    it("cannot be named by a bind, where that would be called or trusted", () => bindsNameNothing(world()));
    it("is no code, and nothing that an app or a mechtron may need, of hers", () => appsNeedNothing(world()));
  });

  describe("a Space's host", () => {
    it("is the one that a request names, however it is written", () => hostsAreAsWritten(world()));
    it("is none where two are named, or one within another", () => hostsAreOne(world()));
    it("is no other for what a header field says that a proxy would write", () => hostsAreOfNoProxy(world()));
    it("takes nobody in by what he has at another's", () => sessionsAreOfOneHost(world()));
    it("stays its Space's where another one says that the domain is his", () => domainsAreProven(world()));
  });
}

/** Asks as Ann, who may do what she will in her own space. */
async function asAnn(path: string, body: object, world: DenyWorld): Promise<Answer> {
  return await world.post(`orrery.registry.v1.RegistryService/${path}`, body, world.tokens.get(ANN));
}

/** Ways to write an address of somebody else's, as far as they are addresses. */
const SPELLINGS = [
  (space: string) => `${space}:files:/a.txt`,
  (space: string) => `${space}:files:/{rest}`,
  (space: string) => `${space}:code:1.0.0:/a.txt`,
  (space: string) => `${space}:code:[live]:/a.txt`,
  (space: string) => `${space}:app-src:[live]:/{rest}`,
];

async function pathsTellNothing({ kind, asks }: WebDenyCase, world: DenyWorld): Promise<void> {
  const all = VISITORS.flatMap((visitor) =>
    asks(SPACES[0]).flatMap(({ method }, index) =>
      visitor === "nobody" || method === "GET" || method === "POST" ? [{ visitor, index }] : [],
    ),
  );
  const compare = async ({ visitor, index }: (typeof all)[number]) => {
    const told = await Promise.all(
      SPACES.map((space) => {
        const ask = asks(space)[index] as WebAsk;
        return visit(space, { ...ask, fields: [...(ask.fields ?? []), ...shownBy(visitor, world)] }, world);
      }),
    );
    const [full, bare, none] = told;
    if (kind === "closed") assert.equal(full, bare, `${visitor}: ${JSON.stringify(asks(SPACES[0])[index])}`);
    assert.match(none ?? "", /^404\n/);
  };
  for (let from = 0; from < all.length; from += AT_ONCE)
    await Promise.all(all.slice(from, from + AT_ONCE).map(compare));
}

async function bindsServeNothing(world: DenyWorld): Promise<void> {
  const routes = SPACES.flatMap((space) => [
    ...SPELLINGS.map((spell, way) => `  - { path: "/${space}/${way}/{rest*}", files: "${spell(space)}" }`),
    `  - { path: "/${space}/auth/{rest*}", files: "${space}:files:/{rest}", auth: ".:users" }`,
  ]);
  const called = ["test.sayer/say", "guest/greet", "nobodys.sayer/say"];
  const services = called.map((one) => `  - { path: "/${one}", service: "${one}" }`);
  writeFileSync(join(world.up.cwd, "bind.yaml"), `routes:\n${[...routes, ...services].join("\n")}\n`);
  await world.up.done(`create ann.test:cfg<FileSystem> --agent=${ANN}`);
  await world.up.done(`cp bind.yaml ann.test:cfg:/bind.yaml --agent=${ANN}`);
  await world.up.done(`set 'ann.test{ +bind=ann.test:cfg:/bind.yaml }' --agent=${ANN}`);
  for (const visitor of VISITORS.slice(0, 3))
    for (const way of [...SPELLINGS.keys(), "auth"])
      for (const rest of ["a.txt", "none.txt", "", "d"]) {
        const told = await Promise.all(
          SPACES.map(async (space) => {
            const ask = { method: "GET", path: `/${space}/${way}/${rest}`, fields: shownBy(visitor, world) };
            return (await visit("ann.test", ask, world)).replaceAll(space, "OTHER");
          }),
        );
        assert.deepEqual(told, [told[0], told[0], told[0]], `${visitor}: ${way}/${rest}`);
        assert.match(told[0] ?? "", /^40[14]\n/);
      }
  const fields = [["Content-Type", "application/json"]] as const;
  const told = await Promise.all(
    called.map((one) => visit("ann.test", { method: "POST", path: `/${one}`, body: "{}", fields }, world)),
  );
  assert.match(told[0] ?? "", /^403\n/);
  assert.deepEqual(told, [told[0], told[0], told[0]]);
}

async function bindsNameNothing(world: DenyWorld): Promise<void> {
  const refused = [
    (space: string) => `{ path: /a, mechtron: "${space}:app:guest" }`,
    (space: string) => `{ path: /a, mechtron: "${space}::ann.test:app:guest" }`,
    (space: string) => `{ path: /a, files: "${space}::ann.test:files:/a.txt" }`,
    (space: string) => `{ path: /a, files: "${space.toUpperCase()}:files:/a.txt" }`,
    (space: string) => `{ path: /a, files: "${space}.:files:/a.txt" }`,
    (space: string) => `{ path: /a, files: ".:files:/a.txt", auth: "${space}:users" }`,
  ];
  for (const [index, route] of refused.entries()) {
    const told = await Promise.all(
      SPACES.map(async (space) => {
        const name = `${space}-${index}.yaml`;
        writeFileSync(join(world.up.cwd, name), `routes:\n  - ${route(space)}\n`);
        await world.up.done(`cp ${name} ann.test:cfg:/${name} --agent=${ANN}`);
        const bind = `ann.test:cfg:/${name}`;
        const { status, body } = await asAnn("Change", { address: "ann.test", properties: { bind } }, world);
        const text = (JSON.parse(body) as { message: string }).message;
        return `${status} ${text
          .replaceAll(space, "OTHER")
          .replaceAll(space.toUpperCase(), "OTHER")
          .replace(/^ *\^$/m, "")}`;
      }),
    );
    assert.match(told[0] ?? "", /^400 /);
    assert.deepEqual(told, [told[0], told[0], told[0]]);
  }
  const named = await Promise.all(
    SPACES.flatMap((space) =>
      SPELLINGS.map(async (spell) => {
        const bind = spell(space);
        const answer = await asAnn("Change", { address: "ann.test", properties: { bind } }, world);
        return plain({ ...answer, body: answer.body.replaceAll(bind, "BIND") }, { space, agent: ANN, ...NOTHING });
      }),
    ),
  );
  const count = SPELLINGS.length;
  for (const [index, told] of named.entries()) assert.equal(told, named[index % count], told);
  assert.match(named[0] ?? "", /^403 /);
}

async function appsNeedNothing(world: DenyWorld): Promise<void> {
  const wishes = [
    (space: string) => ["App", { config: `${space}:code:1.0.0:/orrery.yaml` }] as const,
    (space: string) => ["App", { config: `${space}:code:[live]:/orrery.yaml` }] as const,
    (space: string) => ["App", { config: `ann.test:mine:1.0.0:/needs-${space}.yaml` }] as const,
    (space: string) => ["App", { config: `ann.test:mine:1.0.0:/makes-${space}.yaml` }] as const,
    (space: string) => ["Mechtron", { config: `${space}:code:1.0.0:/guest.js` }] as const, // In the first.
  ];
  const folder = join(world.up.cwd, "mine");
  mkdirSync(folder);
  for (const space of SPACES) {
    writeFileSync(join(folder, `needs-${space}.yaml`), `requires: ["${space}:files"]\n`);
    writeFileSync(join(folder, `makes-${space}.yaml`), `resources: { "${space}:files": FileSystem }\n`);
  }
  await world.up.done(`publish mine ann.test:mine:1.0.0 --agent=${ANN}`);
  for (const [index, wish] of wishes.entries()) {
    const told = await Promise.all(
      SPACES.map(async (space) => {
        const [kind, properties] = wish(space);
        const first = `ann.test:wish-0-${space.split(".")[0]}`;
        const address = kind === "Mechtron" ? `${first}:guest` : first.replace("0", String(index));
        const made = await asAnn("Create", { address, kind, properties }, world);
        assert.equal(made.status, 200, made.body);
        for (;;) {
          const { body } = await asAnn("Get", { address }, world);
          const { status } = (JSON.parse(body) as { resource: { status: { state: string; reason?: string } } })
            .resource;
          assert.notEqual(status.state, "Ready", body);
          const { state, reason } = status;
          if (reason !== undefined) return `${state} ${reason}`.replaceAll(address, "IT").replaceAll(space, "OTHER");
        }
      }),
    );
    assert.deepEqual(told, [told[0], told[0], told[0]]);
  }
}

/** What the page of services is of, or the status of what is answered in its place. */
async function spaceAt(
  { web }: DenyWorld["up"],
  { target = "/-/services", fields }: { readonly target?: string; readonly fields: RawAsk["fields"] },
): Promise<unknown> {
  const { status, body } = await askRaw(web, { method: "GET", target, fields });
  return status === 200 ? (JSON.parse(body) as { space: string }).space : status;
}

const ANNS = ["Host", "ann.test"] as const;
const BOBS = ["Host", "bob.test"] as const;

async function hostsAreAsWritten({ up }: DenyWorld): Promise<void> {
  for (const host of ["ann.test", "ANN.Test", "ann.test.", "ann.test:80", "ann.test.:8080"])
    assert.equal(await spaceAt(up, { fields: [["Host", host]] }), "ann.test", host);
  assert.equal(await spaceAt(up, { target: "http://ann.test/-/services", fields: [BOBS] }), "ann.test");
}

async function hostsAreOne({ up }: DenyWorld): Promise<void> {
  for (const name of ["Host", "hOST"])
    for (const other of ["ann.test", "bob.test"])
      assert.equal(await spaceAt(up, { fields: [ANNS, [name, other]] }), 400, `${name}: ${other}`);
  for (const host of ["ann.test@bob.test", "ann.test/bob.test", "ann.test, bob.test", "bob.test..", "", "bob.test#"])
    assert.ok([400, 404].includes((await spaceAt(up, { fields: [["Host", host]] })) as number), host);
  assert.equal(await spaceAt(up, { target: "http://ann.test@bob.test/-/services", fields: [ANNS] }), 404);
}

async function hostsAreOfNoProxy({ up }: DenyWorld): Promise<void> {
  for (const name of ["X-Forwarded-Host", "X-Host", "X-Original-Host", "X-HTTP-Host-Override"])
    assert.equal(await spaceAt(up, { fields: [BOBS, [name, "ann.test"]] }), "bob.test", name);
  assert.equal(await spaceAt(up, { fields: [BOBS, ["Forwarded", "host=ann.test"]] }), "bob.test");
}

async function sessionsAreOfOneHost(world: DenyWorld): Promise<void> {
  const { up } = world;
  for (const made of ["gate.test<Space>", "gate.test:users<UserBase>", "gate.test:files<FileSystem>"])
    await up.done(`create ${made}`);
  const bind = 'auth: .:users\nroutes:\n  - { path: "/{rest*}", files: ".:files:/{rest}" }\n';
  writeFileSync(join(up.cwd, "gate.yaml"), bind);
  await up.done("cp gate.yaml gate.test:files:/gate.yaml");
  await up.done("set 'gate.test{ +bind=gate.test:files:/gate.yaml }'");
  const nobody = await visit("gate.test", { method: "GET", path: "/gate.yaml" }, world);
  assert.match(nobody, /^401\n/);
  for (const visitor of VISITORS)
    for (const path of ["/gate.yaml", "/none.yaml"]) {
      const told = await visit("gate.test", { method: "GET", path, fields: shownBy(visitor, world) }, world);
      assert.equal(told, nobody, `${visitor} ${path}`);
    }
  const fields = [ANNS, ...shownBy("cookie", world)];
  const own = await askRaw(up.web, { method: "GET", target: "/-/logout", fields });
  assert.match(own.body, /ann\.test:users:ann/, "the session is good where it was begun");
}

const SERVICES = { method: "GET", path: "/-/services" } as const;

async function domainsAreProven(world: DenyWorld): Promise<void> {
  const bob = await visit("bob.test", SERVICES, world);
  for (const space of SPACES) {
    const { status, body } = await asAnn("Create", { address: `ann.test:${space}`, kind: "Domain" }, world);
    assert.equal(status, 200, body);
  }
  await waitUntil(async () => (await asAnn("Get", { address: "ann.test:bob.test" }, world)).body.includes('"Panic"'));
  assert.equal(await visit("bob.test", SERVICES, world), bob);
  assert.match(await visit("none.test", SERVICES, world), /^404\n/);
}
