import { createHash } from "node:crypto";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import { createSystemClock } from "@orrery/core";
import { ConfigService, EventsService, StoreService } from "@orrery/platform/services";
import type { SecretBox } from "@orrery/registry";
import { BundleService } from "@orrery/registry/bundles";
import { FileService, Strategy } from "@orrery/registry/service";
import type { Server } from "../resources/server.ts";
import type { SpaceRecord } from "./space-record.ts";

/** Where records are put. */
export interface ImportOptions {
  readonly server: Server;
  /** Address of the Space that they come from, and of that to which they go. */
  readonly from: string;
  readonly to: string;
  /** Opens secrets. Undefined: they are left out. */
  readonly box: SecretBox | undefined;
  readonly onLeft: (what: string) => void;
}

type Of<K extends SpaceRecord["kind"]> = Extract<SpaceRecord, { readonly kind: K }>;

/** Kinds that need what comes later: their code, and what they may. */
const LAST: ReadonlySet<string> = new Set(["App", "Mechtron"]);

/** Makes of records what they tell of, in a Space that is there; what is there already stays. Gives how many of each were made. */
export async function importRecords(
  records: AsyncIterable<SpaceRecord>,
  options: ImportOptions,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const late: Of<"resource">[] = [];
  let content: ContentSink | undefined;
  const note = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  for await (const record of records) {
    if (record.kind === "piece") {
      await content?.take(Buffer.from(record.data, "base64"));
      continue;
    }
    await content?.finish();
    content = undefined;
    if (record.kind === "head" || record.kind === "end") continue;
    if (record.kind === "resource" && LAST.has(record.type)) {
      late.push(record);
      continue;
    }
    if (record.kind === "file") content = await takeFile(record, options);
    else if (record.kind === "bundle") content = await takeBundle(record, options);
    else await put(record, options);
    note(record.kind);
  }
  await content?.finish();
  for (const record of late) {
    await makeResource(record, options);
    note("resource");
  }
  return counts;
}

async function put(
  record: Exclude<SpaceRecord, { kind: "head" | "end" | "piece" | "file" | "bundle" }>,
  options: ImportOptions,
) {
  const { server, to: space } = options;
  const { node, timeoutMs } = server;
  const by = { timeoutMs };
  switch (record.kind) {
    case "resource":
      return await makeResource(record, options);
    case "tag": {
      const { tag, version } = record;
      return await node.client(BundleService).setTag({ series: moved(record.series, options), tag, version }, by);
    }
    case "config":
      return await node.client(ConfigService).set({ space, scope: record.scope, steps: [step("", record.value)] }, by);
    case "secret":
      return await putSecret(record, options);
    case "entry":
      return await putEntry(record, options);
    case "topic": {
      const keep = { keepMs: BigInt(record.keepMs), keepBytes: BigInt(record.keepBytes) };
      return await node.client(EventsService).setTopic({ space, topic: record.topic, ...keep }, by);
    }
    case "event": {
      const { topic, id, key, attributes, contentType, content } = record;
      const said =
        "body" in content
          ? { case: "body" as const, value: new Uint8Array(Buffer.from(content.body, "base64")) }
          : { case: "message" as const, value: toValue(content.message) };
      const event = { id, key, attributes: { ...attributes }, contentType, content: said };
      return await node.client(EventsService).publish({ space, topic, events: [event] }, by);
    }
  }
}

async function makeResource({ address, type, properties, labels, owner }: Of<"resource">, options: ImportOptions) {
  const request = {
    ...{ address: moved(address, options), kind: type, labels: { ...labels }, strategy: Strategy.ENSURE },
    properties: movedIn(properties, options) as never,
    owner: owner === options.from || owner.startsWith(`${options.from}:`) ? moved(owner, options) : "",
  };
  await options.server.ask((registry, by) => registry.create(request, by));
}

async function putSecret({ scope, path, sealed }: Of<"secret">, { server, to: space, box, onLeft }: ImportOptions) {
  if (box === undefined) return onLeft(`the secret ${path} of config: no passphrase was given`);
  const value: unknown = JSON.parse(box.open(sealed, `${scope} ${path}`));
  const config = server.node.client(ConfigService);
  await config.set({ space, scope, steps: [{ ...step(path, value), secret: true }] }, { timeoutMs: server.timeoutMs });
}

async function putEntry({ database, table, key, value, expires }: Of<"entry">, { server, to: space }: ImportOptions) {
  const left = expires === 0 ? 0 : expires - createSystemClock().now();
  if (left < 0) return;
  const bytes = new Uint8Array(Buffer.from(value, "base64"));
  const entry = { space, database, table, key, value: bytes, ttlMs: BigInt(left) };
  await server.node.client(StoreService).set(entry, { timeoutMs: server.timeoutMs });
}

function step(path: string, value: unknown) {
  return { path, value: toValue(value), secret: false, remove: false };
}

function toValue(json: unknown): Value {
  return fromJson(ValueSchema, json as JsonValue);
}

/** Takes the pieces of one content. */
interface ContentSink {
  take(piece: Uint8Array): Promise<void>;
  finish(): Promise<void>;
}

async function takeFile(record: Of<"file">, options: ImportOptions): Promise<ContentSink> {
  const { node, timeoutMs } = options.server;
  const files = node.client(FileService);
  const { digest, contentType } = record;
  const whole = { address: moved(record.address, options), bytes: BigInt(record.bytes) };
  const { upload } = await files.beginUpload(whole, { timeoutMs });
  let offset = 0;
  return {
    take: async (data) => {
      await files.appendUpload({ upload, offset: BigInt(offset), data }, { timeoutMs });
      offset += data.length;
    },
    finish: async () => void (await files.finishUpload({ upload, ...whole, digest, contentType }, { timeoutMs })),
  };
}

async function takeBundle(record: Of<"bundle">, options: ImportOptions): Promise<ContentSink> {
  const { node, timeoutMs } = options.server;
  const bundles = node.client(BundleService);
  const { archive, manifest, publisher, signature } = record;
  const address = moved(record.address, options);
  const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
  const begun = await bundles.begin({ address, archive, bytes: BigInt(record.bytes), digest }, { timeoutMs });
  const isThere = begun.published;
  let [offset, sent] = [0, Number(begun.offset)];
  return {
    take: async (piece) => {
      const skipped = Math.min(piece.length, Math.max(0, sent - offset));
      offset += piece.length;
      if (isThere || skipped === piece.length) return;
      const request = { archive, offset: BigInt(sent), piece: piece.subarray(skipped) };
      sent = Number((await bundles.append(request, { timeoutMs })).offset);
    },
    finish: async () => {
      if (!isThere) await bundles.publish({ address, archive, manifest, publisher, signature }, { timeoutMs });
    },
  };
}

/** What an address of the Space that was is in the one that is. */
function moved(address: string, { from, to }: Pick<ImportOptions, "from" | "to">): string {
  return address === from || address.startsWith(`${from}:`) ? `${to}${address.slice(from.length)}` : address;
}

function movedIn(value: unknown, options: ImportOptions): unknown {
  if (typeof value === "string") return moved(value, options);
  if (Array.isArray(value)) return value.map((one) => movedIn(one, options));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, movedIn(one, options)]));
}
