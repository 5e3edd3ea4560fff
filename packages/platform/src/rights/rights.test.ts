import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createNode, createSystemClock, isOrreryError, type Node } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createHttpDoor } from "@orrery/http";
import {
  createFileComponent,
  createFiles,
  createMemoryBlobs,
  createRegistryComponent,
  putBlob,
  type Registry,
  VERBS,
} from "@orrery/registry";
import { FileService, RegistryService } from "@orrery/registry/service";
import { request } from "undici";
import { OPERATOR, openWeb, type TestWeb } from "../testing/open-web.ts";
import { AGENTS, aboveOf, makeRightsWorld, mayByTheBook, type RightsWorld } from "./rights-model.ts";

/** Cases that are compared, and what chance starts from; `ORRERY_RIGHTS=1000000` looks at more. */
const CASES = Number(process.env["ORRERY_RIGHTS"] ?? 100_000);
const SEED = Number(process.env["ORRERY_SEED"] ?? 23);

const BIND = `
routes:
  - { path: "/f/{rest*}", files: ".:f:/{rest}" }
  - { path: "/a/{rest*}", files: ".:a:f:/{rest}" }
`;

/** How much is seen of a resource: all, that it is there, or nothing. */
type Sight = "all" | "outline" | "none";

describe("rights on every way to a resource", () => {
  let at: Awaited<ReturnType<typeof open>>;
  before(async () => {
    at = await open();
  });
  after(() => at.close());

  it(`are those of the book in ${CASES} cases: asked, read, listed, written, watched, over a node, HTTP and the web`, {
    timeout: 3_000_000,
  }, async () => {
    const random = createSeededRandom(SEED);
    const compare = createComparison();
    for (let n = 0; compare.count() < CASES; n++) {
      const world = makeRightsWorld(`w${n}.test`, random);
      await fill(at, world);
      for (const look of [ask, readAndList, readFiles, visit, writeAndWatch, createAndRemove])
        await look(at, world, compare.of(world));
      await at.registry.remove({ address: world.space, recursive: true }, OPERATOR);
    }
    const { allowed, refused } = compare.ends();
    assert.ok(allowed > CASES / 5 && refused > CASES / 5, `${allowed} allowed, ${refused} refused`);
  });
});

/** All ways to one registry. */
async function open() {
  const clock = createSystemClock();
  const blobs = createMemoryBlobs({ clock });
  const web: TestWeb = await openWeb({ blobs });
  const { registry } = web;
  const random = createSeededRandom(1);
  const files = createFiles({ registry, blobs, clock, random });
  const nodes = new Map<string, Node>();
  for (const agent of AGENTS)
    nodes.set(
      agent,
      createNode({ components: [createRegistryComponent(registry), createFileComponent(files)], agent }),
    );
  for (const node of nodes.values()) await node.start();
  const as = (agent: string) => nodes.get(agent) as Node;
  const authenticate = (headers: Pick<Headers, "get">) => headers.get("authorization") ?? "anonymous";
  const door = createHttpDoor({ node: as("anonymous"), services: [RegistryService], authenticate });
  const doorUrl = await door.listen({ port: 0 });
  const { digest, bytes } = await putBlob(blobs, { source: [Buffer.from("hello")], id: "hello" });
  const bind = await putBlob(blobs, { source: [Buffer.from(BIND)], id: "bind" });
  await registry.create({ address: "end.test", kind: "Space" }, OPERATOR);
  const everybody = { to: "anyone", verbs: "r", on: "end.test" };
  await registry.create({ address: "end.test:g", kind: "Grant", properties: everybody }, OPERATOR);
  const close = async () => {
    await door.close({ timeoutMs: 1_000 });
    for (const node of nodes.values()) await node.stop();
    await files[Symbol.asyncDispose]();
    await web[Symbol.asyncDispose]();
  };
  return { web, registry, as, doorUrl, content: { digest, bytes }, bind, close };
}

type Ways = Awaited<ReturnType<typeof open>>;
type Same = (found: unknown, wanted: unknown, what: string) => void;
type Look = (at: Ways, world: RightsWorld, same: Same) => Promise<void>;

function createComparison() {
  const ends = { allowed: 0, refused: 0 };
  const of =
    (world: RightsWorld): Same =>
    (found, wanted, what) => {
      ends[wanted === "none" || wanted === false || wanted === 404 ? "refused" : "allowed"]++;
      if (found !== wanted)
        assert.fail(`${what} is ${found}, by the book ${wanted}\n${JSON.stringify(world, null, 1)}`);
    };
  return { of, ends: () => ends, count: () => ends.allowed + ends.refused };
}

/** Makes a world, in one write, and then its bind. */
async function fill(
  { registry, content, bind }: Ways,
  { space, resources, roles, grants }: RightsWorld,
): Promise<void> {
  const labels = { seen: "yes" };
  const create = (address: string, kind: string, more: object): Parameters<Registry["apply"]>[0][number] => ({
    create: { address, kind, ...more },
  });
  const isFile = (kind: string) => (kind === "File" ? { state: { content } } : {});
  await registry.apply(
    [
      ...resources.map(({ address, kind, owner }) => create(address, kind, { owner, labels, ...isFile(kind) })),
      create(`${space}:bind`, "FileSystem", {}),
      create(`${space}:bind:/b.yaml`, "File", { state: { content: bind } }),
      ...roles.map(({ address, members }) => create(address, "Role", { properties: { members } })),
      ...grants.map(({ address, ...properties }) => create(address, "Grant", { properties })),
    ],
    OPERATOR,
  );
  await registry.change({ address: space, properties: { bind: `${space}:bind:/b.yaml` } }, OPERATOR);
}

/** Whether it was done, or refused for want of a right; anything else is a mistake. */
async function isAllowed(doing: PromiseLike<unknown>): Promise<boolean> {
  try {
    await doing;
    return true;
  } catch (error) {
    if (isOrreryError(error) && error.code === "permission_denied") return false;
    throw error;
  }
}

function sightOf(world: RightsWorld, agent: string, address: string): Sight {
  if (mayByTheBook(world, agent, "read", address)) return "all";
  const [parent = ""] = aboveOf(address);
  return mayByTheBook(world, agent, "select", parent) ? "outline" : "none";
}

const ask: Look = async ({ registry, as }, world, same) => {
  for (const agent of AGENTS)
    for (const { address } of world.resources)
      for (const verb of VERBS) {
        const wanted = mayByTheBook(world, agent, verb, address);
        const question = { agent, verb, address };
        same((await registry.can(question, OPERATOR)).allowed, wanted, `${agent} ${verb} ${address}`);
        if (verb !== "write") continue;
        const told = await as(agent).client(RegistryService).can(question);
        same(told.allowed, wanted, `${agent} ${verb} ${address}, asked over a node,`);
      }
};

const readAndList: Look = async ({ registry, as, doorUrl }, world, same) => {
  const { space, resources } = world;
  for (const agent of AGENTS) {
    const service = as(agent).client(RegistryService);
    const door = (method: string, body: object) =>
      post(`${doorUrl}/${RegistryService.typeName}/${method}`, agent, body);
    for (const { address } of resources) {
      const wanted = mayByTheBook(world, agent, "read", address);
      same(await isAllowed(registry.get(address, { agent })), wanted, `${agent} get ${address}`);
      same(await isAllowed(service.get({ address })), wanted, `${agent} get ${address} over a node`);
      same((await door("Get", { address })).status === 200, wanted, `${agent} get ${address} over HTTP`);
    }
    for (const [selector, root] of [
      [`${space}:**`, space],
      [`${space}:a:*`, `${space}:a`],
      [`${space}:f:**`, `${space}:f`],
    ] as const) {
      const isIn = (address: string) =>
        selector.endsWith("**") ? aboveOf(address).includes(root) : aboveOf(address)[0] === root;
      const pages = {
        "": (await registry.list({ selector }, { agent })).resources,
        " over a node": (await service.list({ selector })).resources,
        " over HTTP": ((await door("List", { selector })).body as { resources?: Listed[] }).resources ?? [],
      };
      for (const [way, page] of Object.entries(pages)) {
        const seen = new Map((page as readonly Listed[]).map(({ address, labels = {} }) => [address, labels]));
        const sight = (address: string): Sight => {
          const labels = seen.get(address);
          return labels === undefined ? "none" : labels["seen"] === "yes" ? "all" : "outline";
        };
        for (const { address } of resources)
          same(
            sight(address),
            isIn(address) ? sightOf(world, agent, address) : "none",
            `${agent} list ${selector}${way}: ${address}`,
          );
      }
    }
  }
};

interface Listed {
  readonly address: string;
  readonly labels?: Readonly<Record<string, string>>;
}

async function post(url: string, agent: string, message: object): Promise<{ status: number; body: unknown }> {
  const headers = { "content-type": "application/json", authorization: agent };
  const { statusCode, body } = await request(url, { method: "POST", headers, body: JSON.stringify(message) });
  return { status: statusCode, body: await body.json() };
}

const readFiles: Look = async ({ as }, world, same) => {
  for (const agent of AGENTS)
    for (const { address, kind } of world.resources) {
      if (kind !== "File") continue;
      const read = as(agent).client(FileService).readFile({ address, offset: 0n });
      same(await isAllowed(read), mayByTheBook(world, agent, "read", address), `${agent} reads the file ${address}`);
    }
};

/** What a bind leads to needs a grant to anyone; nobody's name counts. */
const visit: Look = async ({ web }, world, same) => {
  for (const { address, kind } of world.resources) {
    if (kind !== "File") continue;
    const [system = "", path] = address.split(":/");
    const { statusCode, body } = await request(`${web.url}/${system.endsWith(":a:f") ? "a" : "f"}/${path}`, {
      headers: { host: world.space },
    });
    await body.dump();
    same(statusCode, mayByTheBook(world, "", "read", address) ? 200 : 404, `a visitor of ${address}`);
  }
};

/** Everybody tries to write everything; everybody watches who did. */
const writeAndWatch: Look = async ({ registry, as }, world, same) => {
  const start = registry.revision();
  const tries = AGENTS.flatMap((agent) => world.resources.map(({ address }) => ({ agent, address })));
  const ends = await Promise.all(
    tries.map(async ({ agent, address }, n) => {
      const labels = { by: `${agent} ${n}` };
      const write =
        n % 4 === 0
          ? as(agent).client(RegistryService).change({ address, labels })
          : registry.change({ address, labels }, { agent });
      return { agent, address, isDone: await isAllowed(write) };
    }),
  );
  for (const { agent, address, isDone } of ends)
    same(isDone, mayByTheBook(world, agent, "write", address), `${agent} writes ${address}`);
  await registry.change({ address: "end.test", labels: { at: world.space } }, OPERATOR);
  const last = registry.revision();
  const selector = `${world.space}:**`;
  const wish = { selector, also: [world.space, "end.test"] };
  const all = await watch(registry.watch({ ...wish, after: start }, OPERATOR), last);
  for (const agent of AGENTS) {
    const own = await watch(registry.watch({ ...wish, after: start }, { agent }), last);
    const over = await watch(
      as(agent)
        .client(RegistryService)
        .watch({ ...wish, after: BigInt(start) }),
      last,
    );
    for (const [revision, address] of all) {
      const wanted = mayByTheBook(world, agent, "read", address);
      same(own.get(revision) === address, wanted, `${agent} watches ${address} at ${revision}`);
      same(over.get(revision) === address, wanted, `${agent} watches ${address} over a node at ${revision}`);
    }
  }
};

/** What a watch shows of a world up to a revision, which everybody sees. */
async function watch(
  changes: AsyncIterable<{
    readonly revision: number | bigint;
    readonly resource?: { readonly address: string } | undefined;
  }>,
  last: number,
): Promise<ReadonlyMap<number, string>> {
  const seen = new Map<number, string>();
  for await (const { revision, resource } of changes) {
    if (Number(revision) === last) return seen;
    if (resource !== undefined) seen.set(Number(revision), resource.address);
  }
  return assert.fail("the watch ended");
}

const createAndRemove: Look = async ({ registry }, world, same) => {
  const parents = world.resources.filter(({ kind }) => kind === "Base" || kind === "Space");
  for (const { address: parent } of parents) {
    const left = { address: `${parent}:left`, kind: "Base", strategy: "ensure" } as const;
    for (const agent of AGENTS) {
      const made = registry.create({ address: `${parent}:by-${agent}`, kind: "Base" }, { agent });
      same(await isAllowed(made), mayByTheBook(world, agent, "create", parent), `${agent} creates in ${parent}`);
      await registry.create(left, OPERATOR);
      const gone = registry.remove({ address: left.address }, { agent });
      same(await isAllowed(gone), mayByTheBook(world, agent, "delete", parent), `${agent} removes from ${parent}`);
    }
  }
};
