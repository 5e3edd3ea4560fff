import { createHash } from "node:crypto";
import { ConfigService, EventsService, StoreService } from "@orrery/platform/services";
import type { SecretBox } from "@orrery/registry";
import { BundleService } from "@orrery/registry/bundles";
import { FileService, type ResourceMessage } from "@orrery/registry/service";
import { jsonOf } from "../config/config-words.ts";
import { pages } from "../resources/run-ls.ts";
import type { Server } from "../resources/server.ts";
import { EVENTS_PAGE, PIECE_BYTES } from "./limits.ts";
import { takeSecrets } from "./secret-paths.ts";
import type { SpaceRecord } from "./space-record.ts";

/** Credentials, which nobody may take along, and what others make: versions and tags of bundles come in their own way. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "Space",
  "Password",
  "Session",
  "ApiToken",
  "Bundle",
  "Artifact",
  "Tag",
  "File",
]);

const USERS: ReadonlySet<string> = new Set(["UserBase", "User"]);

/** Where an export is taken. */
export interface ExportOptions {
  readonly server: Server;
  readonly space: string;
  readonly salt: string;
  /** Closes secrets. Undefined: they are left out. */
  readonly box: SecretBox | undefined;
  /** Told what is left out. */
  readonly onLeft: (what: string) => void;
}

/** All that a Space has and whoever asks may read, what lies in something after that. */
export async function* exportRecords(options: ExportOptions): AsyncGenerator<SpaceRecord, undefined> {
  const { server, space, salt } = options;
  yield { kind: "head", format: "orrery-space", version: 1, space, salt };
  const found: ResourceMessage[] = [];
  for await (const page of pages(server, `${space}:**`)) found.push(...page);
  const kept = found.filter(({ kind }) => !LEFT_OUT.has(kind));
  for (const isUser of [true, false]) // Who may own something comes first.
    for (const one of kept) if (USERS.has(one.kind) === isUser) yield resourceRecord(one);
  for (const one of found) if (one.kind === "File") yield* fileRecords(one.address, server);
  for (const one of found) if (one.kind === "Bundle") yield* bundleRecords(one.address, server);
  for (const one of found) if (one.kind === "Tag") yield* tagRecords(one);
  const scopes = [
    "",
    ...found.filter(({ kind }) => kind === "App").map(({ address }) => address.split(":").at(-1) ?? ""),
  ];
  for (const scope of scopes) yield* configRecords(scope, options);
  yield* storeRecords(options);
  yield* eventRecords(options);
}

function resourceRecord({ address, kind, properties = {}, labels, owner }: ResourceMessage): SpaceRecord {
  return { kind: "resource", address, type: kind, properties: { ...properties }, labels, owner };
}

async function* fileRecords(address: string, { node, timeoutMs }: Server): AsyncGenerator<SpaceRecord, undefined> {
  const files = node.client(FileService);
  let digest = "";
  for (let offset = 0; ; ) {
    const request = { address, offset: BigInt(offset), length: PIECE_BYTES, digest };
    const { data, content, contentType } = await files.readFile(request, { timeoutMs });
    const bytes = Number(content?.bytes ?? 0n);
    if (digest === "") {
      digest = content?.digest ?? "";
      yield { kind: "file", address, bytes, digest, contentType };
    }
    if (data.length > 0) yield pieceOf(data);
    offset += data.length;
    if (offset >= bytes) return;
  }
}

async function* bundleRecords(address: string, { node, timeoutMs }: Server): AsyncGenerator<SpaceRecord, undefined> {
  const bundles = node.client(BundleService);
  const { manifest, publisher, signature } = await bundles.describe({ address }, { timeoutMs });
  const pieces: Uint8Array[] = [];
  const sum = createHash("sha256");
  let bytes = 0;
  for await (const { piece } of bundles.fetch({ address }, { timeoutMs })) {
    pieces.push(piece);
    sum.update(piece);
    bytes += piece.length;
  }
  yield { kind: "bundle", address, bytes, archive: `sha256:${sum.digest("hex")}`, manifest, publisher, signature };
  for (const piece of pieces) yield pieceOf(piece);
}

function* tagRecords({ address, properties = {} }: ResourceMessage): Generator<SpaceRecord, undefined> {
  const [, series = "", tag = ""] = /^(.*):\[?([^:[\]]+)\]?$/.exec(address) ?? [];
  const { version } = properties as { readonly version?: unknown };
  if (typeof version === "string") yield { kind: "tag", series, tag, version };
}

async function* configRecords(
  scope: string,
  { server, space, box, onLeft }: ExportOptions,
): AsyncGenerator<SpaceRecord, undefined> {
  const config = server.node.client(ConfigService);
  const { timeoutMs } = server;
  const { value, version, secretPaths } = await config.get({ space, scope, secrets: box !== undefined }, { timeoutMs });
  if (version === 0n) return;
  const { plain, secrets } = takeSecrets(jsonOf(value), secretPaths);
  yield { kind: "config", scope, value: plain };
  for (const { path, value: secret } of secrets)
    if (box === undefined) onLeft(`the secret ${path} of config${scope === "" ? "" : ` of ${scope}`}`);
    else yield { kind: "secret", scope, path, sealed: box.seal(JSON.stringify(secret), `${scope} ${path}`) };
}

async function* storeRecords({ server, space }: ExportOptions): AsyncGenerator<SpaceRecord, undefined> {
  const store = server.node.client(StoreService);
  const { timeoutMs } = server;
  const { tables } = await store.tables({ space }, { timeoutMs });
  for (const { database, name: table } of tables)
    for (let after: string | undefined = ""; after !== undefined; ) {
      const request: { space: string; database: string; table: string; after: string } = {
        space,
        database,
        table,
        after,
      };
      const page = await store.list(request, { timeoutMs });
      for (const { key, value, expiresMs } of page.entries)
        yield { kind: "entry", database, table, key, value: base64(value), expires: Number(expiresMs) };
      after = page.next === "" ? undefined : page.next;
    }
}

async function* eventRecords({ server, space, onLeft }: ExportOptions): AsyncGenerator<SpaceRecord, undefined> {
  const events = server.node.client(EventsService);
  const { timeoutMs } = server;
  const { topics } = await events.listTopics({ space }, { timeoutMs });
  for (const { topic, keepMs, keepBytes } of topics) {
    yield { kind: "topic", topic, keepMs: Number(keepMs), keepBytes: Number(keepBytes) };
    for (let next = 0n; ; ) {
      const from = { at: { case: "offset" as const, value: next } };
      const page = await events.read({ space, topic, from, limit: EVENTS_PAGE }, { timeoutMs });
      for (const { id, key, attributes, content, contentType } of page.events) {
        const said = content.case === "body" ? { body: base64(content.value) } : { message: jsonOf(content.value) };
        yield { kind: "event", topic, id, key, attributes, content: said, contentType };
      }
      if (page.events.length === 0 || page.next === next) break;
      next = page.next;
    }
  }
  if (topics.length > 0) onLeft("how far groups of events are");
}

function pieceOf(data: Uint8Array): SpaceRecord {
  return { kind: "piece", data: base64(data) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
