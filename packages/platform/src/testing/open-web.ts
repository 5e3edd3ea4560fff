import { createHash } from "node:crypto";
import { createSystemClock, type LogEntry } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import {
  type CreateRequest,
  createRegistry,
  createSecretBox,
  createSecretKey,
  type Database,
  type Kind,
  type Registry,
} from "@orrery/registry";
import { openTestPGlite } from "@orrery/registry/conformance";
import { createBindCheck } from "../bind/bind-check.ts";
import type { BlobSource } from "../web/blob-source.ts";
import { createWebServer, type WebServer, type WebServerOptions } from "../web/system-web-server.ts";

/** The agent of tests that may do everything. */
export const OPERATOR = { agent: "operator" };

/** Bytes in memory by their digests. */
export interface MemoryBlobs extends BlobSource {
  put(bytes: Uint8Array): { readonly digest: string; readonly bytes: number };
  /** How often bytes were read. */
  readonly reads: () => number;
}

/** A registry, blobs and a web server of tests. */
export interface TestWeb {
  readonly registry: Registry;
  readonly blobs: MemoryBlobs;
  readonly web: WebServer;
  /** Such as `http://127.0.0.1:40001`. */
  readonly url: string;
  readonly log: readonly LogEntry[];
  /** Queries that the database was asked since the last time this was asked. */
  queries(): number;
  /** Writes a file, and what it lies in. */
  file(address: string, content: string | Uint8Array, properties?: Record<string, string>): Promise<void>;
  /** Lets everybody do something below a space. */
  open(space: string, verbs?: string): Promise<void>;
  /** A space whose bind is a text. */
  space(name: string, bind: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

let shared: ReturnType<typeof openTestPGlite> | undefined;

async function openEmptyDatabase(onQuery: () => void): Promise<Database> {
  shared ??= openTestPGlite();
  const { kysely, pglite } = await shared;
  await pglite.exec("drop schema public cascade; create schema public");
  const plugin = {
    transformQuery: ({ node }: { node: never }) => {
      onQuery();
      return node;
    },
    transformResult: async ({ result }: { result: never }) => result,
  };
  return { kysely: kysely.withPlugin(plugin as never), close: async () => {} };
}

/** Makes blobs in memory. */
export function createMemoryBlobs(): MemoryBlobs {
  const blobs = new Map<string, Uint8Array>();
  let reads = 0;
  return {
    reads: () => reads,
    put: (bytes) => {
      const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      blobs.set(digest, bytes);
      return { digest, bytes: bytes.length };
    },
    async *read(digest, range) {
      reads++;
      const whole = blobs.get(digest);
      if (whole === undefined) throw new Error(`there is no blob ${digest}`);
      const { offset, length } = range ?? { offset: 0, length: whole.length };
      for (let at = offset; at < offset + length; at += 65_536)
        yield whole.subarray(at, Math.min(at + 65_536, offset + length));
    },
  };
}

/** Opens all of it, on a port that the system chooses. */
export async function openWeb(
  options: Partial<WebServerOptions> = {},
  { kinds = [], port = 0 }: { readonly kinds?: readonly Kind[]; readonly port?: number } = {},
): Promise<TestWeb> {
  let queries = 0;
  const database = await openEmptyDatabase(() => queries++);
  const blobs = createMemoryBlobs();
  const log: LogEntry[] = [];
  const registry = await createRegistry({
    database,
    clock: createSystemClock(),
    random: createSeededRandom(1),
    kinds,
    secrets: createSecretBox([createSecretKey()]),
    checks: { bind: createBindCheck(options.blobs ?? blobs, { upstreams: options.upstreams ?? [] }) },
  });
  const web = createWebServer({ registry, blobs, log: (entry) => log.push(entry), ...options });
  const url = await web.listen({ port });
  const file: TestWeb["file"] = async (address, content, properties = {}) => {
    const isBundled = /:\d+\.\d+\.\d+:\//.test(address);
    const kind = isBundled ? "Artifact" : "File";
    /** What is in a bundle is made by code of the own process alone. */
    const make = (create: CreateRequest) =>
      isBundled ? registry.apply([{ create }], OPERATOR) : registry.create(create, OPERATOR);
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const path = address.slice(address.indexOf(":/") + 1);
    const root = address.slice(0, address.indexOf(":/"));
    for (let slash = path.indexOf("/", 1); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      const directory = `${root}:${path.slice(0, slash + 1)}`;
      const of = kind === "File" ? "Directory" : "Artifact";
      await make({ address: directory, kind: of, strategy: "ensure" });
    }
    const state = { content: blobs.put(bytes) };
    await make({ address, kind, state, properties, strategy: isBundled ? "create" : "update" });
  };
  return {
    registry,
    blobs,
    web,
    url,
    log,
    file,
    queries: () => {
      const since = queries;
      queries = 0;
      return since;
    },
    open: async (space, verbs = "r") => {
      const properties = { to: "anyone", verbs, on: `${space}:**` };
      await registry.create({ address: `${space}:public`, kind: "Grant", properties }, OPERATOR);
    },
    space: async (name, bind) => {
      await registry.create({ address: name, kind: "Space" }, OPERATOR);
      await registry.create({ address: `${name}:cfg`, kind: "FileSystem" }, OPERATOR);
      await file(`${name}:cfg:/bind.yaml`, bind);
      await registry.change({ address: name, properties: { bind: `${name}:cfg:/bind.yaml` } }, OPERATOR);
    },
    [Symbol.asyncDispose]: async () => {
      await web.close({ timeoutMs: 1_000 });
      await registry[Symbol.asyncDispose]();
    },
  };
}
