import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type ClientNode,
  createTableDirectory,
  defineComponent,
  defineService,
  isOrreryError,
  json,
  type Node,
} from "@orrery/core";
import { createMeshClient, createMeshNode, findProject, writeRunFile } from "@orrery/mesh";
import { guardDriver, type Kind, VERBS, type Verb } from "@orrery/registry";
import { RegistryService, Strategy } from "@orrery/registry/service";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** A kind that takes messages, and one that lies in all kinds of the table. */
const BELL: Kind = { name: "Bell", summary: "Rings", parents: ["Space"], segments: ["name"], driver: "bells" };
const LEAF: Kind = {
  name: "Leaf",
  summary: "Lies in others",
  parents: ["Base", "FileSystem", "BundleSeries", "UserBase", "Bell"],
  segments: ["name"],
};
const Bells = defineService("bells", { ring: { request: json<{ address: string }>(), reply: json<object>() } });

const KINDS = ["Base", "FileSystem", "BundleSeries", "UserBase", "Bell"];
const [ANN, BOB, EVE] = ["demo.test:users:ann", "demo.test:users:bob", "demo.test:users:eve"] as const;
const AGENTS = [ANN, BOB, EVE, "anonymous"];
const LETTERS = { create: "c", select: "s", delete: "d", read: "r", write: "w", execute: "x" } as const;

/** Ways to let somebody do something: on what, to whom, and whom that lets do it with the resource and with what is in it. */
interface Grant {
  readonly on: (kind: string) => string;
  readonly to: string;
  readonly lets: readonly string[];
  readonly inside: readonly string[];
}
const GRANTS: Readonly<Record<string, Grant>> = {
  "the resource": { on: at, to: ANN, lets: [ANN], inside: [] },
  "all in its space": { on: () => "demo.test:*", to: ANN, lets: [ANN], inside: [] },
  "all of its kind, to a role": {
    on: (kind) => `demo.test:**<${kind}>`,
    to: "demo.test:ringers",
    lets: [BOB],
    inside: [],
  },
  "all below, to anyone": { on: () => "demo.test:**", to: "anyone", lets: AGENTS, inside: AGENTS },
  "what is in it": { on: (kind) => `${at(kind)}:*`, to: ANN, lets: [], inside: [ANN] },
  "another of its kind": { on: () => "demo.test:other", to: ANN, lets: [], inside: [] },
};

let up: TestUp;
let node: Node;
let runFile: { remove(): void } | undefined;
const clients = new Map<string, ClientNode>();
before(async () => {
  up = await openTestUp({ kinds: [BELL, LEAF] });
  const users = ["demo.test:users<UserBase>", `${ANN}<User>`, `${BOB}<User>`, `${EVE}<User>`];
  for (const what of ["demo.test<Space>", ...users, "demo.test:other<Base>"]) await up.done(`create '${what}'`);
  for (const kind of KINDS) await up.done(`create '${at(kind)}<${kind}>'`);
  await up.done(`auth role demo.test:ringers --add=${BOB}`);
  await up.done("auth grant r on 'demo.test:**' to bells");
  const places = { [RegistryService.typeName]: [up.address] };
  const driver = await createMeshClient({ directory: createTableDirectory(places), agent: "bells" });
  const bells = defineComponent(Bells, () => ({ ring: async () => ({}) }));
  node = await createMeshNode({
    components: [guardDriver(bells, driver.client(RegistryService))],
    listen: ["tcp://127.0.0.1:0"],
  });
  await node.start();
  runFile = writeRunFile(findProject(up.cwd), createTableDirectory({ bells: node.addresses }));
  const directory = createTableDirectory({ ...places, bells: node.addresses });
  clients.set("bells", driver);
  for (const agent of [...AGENTS, "operator"]) clients.set(agent, await createMeshClient({ directory, agent }));
});
after(async () => {
  runFile?.remove();
  for (const client of clients.values()) await client.stop();
  await node?.stop();
  await up[Symbol.asyncDispose]();
});

function at(kind: string): string {
  return `demo.test:${kind.toLowerCase()}`;
}

const clientOf = (agent: string) => clients.get(agent) as ClientNode;
const as = (agent: string) => clientOf(agent).client(RegistryService);

/** Verbs for which it matters what is in the resource. */
const INSIDE: ReadonlySet<Verb> = new Set<Verb>(["create", "select", "delete"]);

/** Sees to it that something of the operator's is in the resource, or nothing, where that matters. */
async function fill(kind: string, verb: Verb): Promise<void> {
  if (!INSIDE.has(verb)) return;
  const address = `${at(kind)}:leaf`;
  await as("operator").create({ address, kind: "Leaf", strategy: Strategy.ENSURE });
  await as("operator").remove({ address });
  if (verb === "select" || verb === "delete") await as("operator").create({ address, kind: "Leaf" });
}

/** A way to do something: whether it was done, or refused for want of a right. Anything else is a mistake. */
type Way = (agent: string, verb: Verb, kind: string) => Promise<boolean>;

const overNode: Way = async (agent, verb, kind) => {
  const [address, leaf] = [at(kind), `${at(kind)}:leaf`];
  const labels = { by: `${agent} ${verb}` };
  const doing: Readonly<Record<Verb, () => PromiseLike<unknown>>> = {
    create: () => as(agent).create({ address: leaf, kind: "Leaf" }),
    select: () => as(agent).list({ selector: `${address}:*` }),
    delete: () => as(agent).remove({ address: leaf }),
    read: () => as(agent).get({ address }),
    write: () => as(agent).change({ address, labels }),
    execute: () => clientOf(agent).client(Bells).ring({ address }),
  };
  try {
    const answer = (await doing[verb]()) as { readonly resources?: readonly unknown[] };
    return verb !== "select" || answer.resources?.length === 1;
  } catch (error) {
    if (isOrreryError(error) && error.code === "permission_denied") return false;
    throw error;
  }
};

const byCommand: Way = async (agent, verb, kind) => {
  const [address, leaf] = [at(kind), `${at(kind)}:leaf`];
  const lines: Readonly<Record<Verb, string>> = {
    create: `create '${leaf}<Leaf>'`,
    select: `ls '${address}:*'`,
    delete: `rm ${leaf}`,
    read: `get ${address}`,
    write: `set ${address} --label by=${agent}`,
    execute: `send ${address} ring`,
  };
  const { exit, out, err } = await up.orrery(`${lines[verb]} --agent=${agent}`);
  assert.ok(exit === 0 || exit === 3, err);
  return exit === 0 && (verb !== "select" || out === `${leaf}<Leaf>\n`);
};

/** Whoever comes by HTTP is anonymous. */
const overHttp: Way = async (_, verb, kind) => {
  const [address, leaf] = [at(kind), `${at(kind)}:leaf`];
  const calls = {
    create: ["Create", { address: leaf, kind: "Leaf" }],
    select: ["List", { selector: `${address}:*` }],
    delete: ["Remove", { address: leaf }],
    read: ["Get", { address }],
    write: ["Change", { address, labels: { by: verb } }],
    execute: ["Can", { agent: "anonymous", verb, address }],
  } as const;
  const [method, message] = calls[verb];
  const answer = await fetch(`${up.http}/${RegistryService.typeName}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(message),
  });
  const body = (await answer.json()) as { code?: string; resources?: readonly unknown[]; allowed?: boolean };
  assert.ok(answer.status === 200 || body.code === "permission_denied", JSON.stringify(body));
  if (verb === "execute") return body.allowed === true;
  return answer.status === 200 && (verb !== "select" || body.resources?.length === 1);
};

/** Grants one verb after the other, tries all of them, takes it back, and tries it once more. */
async function compare(way: Way, { kind, grant, agents }: { kind: string; grant: Grant; agents: readonly string[] }) {
  const words = (letter: string) => `${letter} on '${grant.on(kind)}' to ${grant.to}`;
  const tryAll = async (granted: Verb | undefined) => {
    for (const agent of agents)
      for (const verb of granted === undefined ? (["read", "execute"] as const) : VERBS) {
        await fill(kind, verb);
        /** What may be read is listed. */
        const isSeen = verb === "select" && granted === "read" && grant.inside.includes(agent);
        const wanted = (verb === granted && grant.lets.includes(agent)) || isSeen;
        assert.equal(await way(agent, verb, kind), wanted, `${agent} ${verb} ${at(kind)}, granted ${granted}`);
      }
  };
  for (const granted of VERBS) {
    await up.done(`auth grant ${words(LETTERS[granted])}`);
    await tryAll(granted);
    await up.done(`auth revoke ${words(LETTERS[granted])}`);
    await tryAll(undefined);
  }
}

describe("who may do what, by a table of agents, verbs, kinds and grants", () => {
  for (const [name, grant] of Object.entries(GRANTS)) {
    for (const kind of KINDS)
      it(`is what is granted on ${name} over a node, with a ${kind}`, () =>
        compare(overNode, { kind, grant, agents: AGENTS }));
    it(`is what is granted on ${name} over HTTP`, () =>
      compare(overHttp, { kind: "Base", grant, agents: ["anonymous"] }));
  }
  for (const name of ["the resource", "all of its kind, to a role"])
    it(`is what is granted on ${name}, by the command`, async () => {
      const grant = { ...(GRANTS[name] as Grant) };
      for (const verb of VERBS) {
        await up.done(`auth grant r${LETTERS[verb]} on '${grant.on("Bell")}' to ${grant.to}`);
        for (const agent of [ANN, BOB])
          for (const tried of VERBS) {
            await fill("Bell", tried);
            const wanted = grant.lets.includes(agent) && (tried === verb || tried === "read");
            assert.equal(await byCommand(agent, tried, "Bell"), wanted, `${agent} ${tried}, granted ${verb}`);
          }
        await up.done(`auth revoke csdrwx on '${grant.on("Bell")}' to ${grant.to}`);
        assert.equal(await byCommand(ANN, "read", "Bell"), false);
      }
    });

  it("cuts a watch that is under way with the next message, and lets it go on where it is granted anew", async () => {
    const [address, seen] = [at("Base"), [] as string[]];
    const label = (by: string) => as("operator").change({ address, labels: { by } });
    const grant = (word: string) => up.done(`auth ${word} r on ${address} to ${ANN}`);
    await grant("grant");
    const watching = as(ANN).watch({ selector: address, after: (await label("before")).written?.revision ?? 0n });
    const read = (async () => {
      for await (const { resource } of watching) {
        seen.push(resource?.labels["by"] ?? "");
        if (seen.at(-1) === "third") return;
      }
    })();
    await label("first");
    await grant("revoke");
    await label("second");
    await grant("grant");
    await label("third");
    await read;
    assert.ok(!seen.includes("second") && seen.at(-1) === "third", seen.join(", "));
  });
});
