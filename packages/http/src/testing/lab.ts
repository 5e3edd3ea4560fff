import {
  bytes,
  type ClientNode,
  createClient,
  createMemoryHub,
  createNode,
  createTableDirectory,
  defineComponent,
  defineService,
  type LogEntry,
  OrreryError,
  sleepWith,
} from "@orrery/core";
import { z } from "zod";
import { createHttpDoor, describedServices, type HttpDoorOptions } from "../index.ts";
import { LabService } from "../testdata/gen/door/test/v1/lab_pb.ts";

/** A contract of schemas with every mode, and bodies of bytes. */
export const Shop = defineService("shop", {
  price: {
    request: z.object({ sku: z.string() }),
    reply: z.object({ cents: z.number(), agent: z.string() }),
    idempotent: true,
    summary: "What <one> costs.",
  },
  watch: {
    mode: "stream",
    request: z.object({ to: z.number(), fail: z.boolean().default(false) }),
    reply: z.object({ value: z.number() }),
    idempotent: true,
  },
  restock: { mode: "async", request: z.object({ sku: z.string() }) },
  closed: { mode: "broadcast", request: z.object({ hour: z.number() }) },
  negative: { request: bytes, reply: bytes },
  pieces: { mode: "stream", request: bytes, reply: bytes },
  whenever: { request: z.undefined(), reply: z.object({ at: z.coerce.date(), count: z.coerce.bigint() }) },
});

/** What the handlers of one laboratory saw and did. */
export interface LabNotes {
  readonly log: LogEntry[];
  readonly noted: string[];
  /** Items that stream sources have been asked for. */
  produced: number;
  /** Waits that have begun. */
  begun: number;
  /** Streams and waits that were given up. */
  cancelled: number;
  /** Streams and waits that have ended, in whatever way. */
  ended: number;
  /** Resolves at the next change of `begun`, `cancelled`, `ended` or `noted`. */
  changed(): Promise<void>;
}

/** A node with both services behind a door on a free port of loopback. */
export async function openLab(options: Partial<HttpDoorOptions> = {}) {
  const notes = makeNotes();
  const log = (entry: LogEntry) => notes.log.push(entry);
  const node = createNode({ components: [labComponent(notes), shopComponent(notes)], log });
  await node.start();
  return behindDoor([node], notes, { node, services: [LabService, Shop], log, ...options });
}

/** The same, but the services run in a node of their own, and the door knows of them only what that node describes. */
export async function openFarLab() {
  const notes = makeNotes();
  const hub = createMemoryHub();
  const components = [labComponent(notes), shopComponent(notes)];
  const far = createNode({ components, transports: [hub.transport()], listen: ["memory://far"] });
  await far.start();
  const directory = createTableDirectory({ [LabService.typeName]: ["memory://far"], shop: ["memory://far"] });
  const node = createClient({ transports: [hub.transport()], directory });
  return behindDoor([node, far], notes, { node, services: await describedServices(node, "memory://far") });
}

async function behindDoor(nodes: readonly ClientNode[], notes: LabNotes, options: HttpDoorOptions) {
  const door = createHttpDoor(options);
  const url = await door.listen();
  return {
    node: options.node,
    door,
    url,
    notes,
    async [Symbol.asyncDispose]() {
      await door.close({ timeoutMs: 100 });
      for (const node of nodes) await node.stop();
    },
  };
}

/** Posts JSON, and gives the status and the body that came back. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method: "POST",
    body: text,
    headers: { "content-type": "application/json", ...headers },
  });
  const answer = await response.text();
  return { status: response.status, headers: response.headers, body: answer === "" ? undefined : JSON.parse(answer) };
}

function makeNotes(): LabNotes & { tell(): void } {
  let waiting: (() => void)[] = [];
  return {
    log: [],
    noted: [],
    produced: 0,
    begun: 0,
    cancelled: 0,
    ended: 0,
    changed: () => new Promise((resolve) => waiting.push(resolve)),
    tell() {
      for (const wake of waiting) wake();
      waiting = [];
    },
  };
}

type Notes = ReturnType<typeof makeNotes>;

function labComponent(notes: Notes) {
  const factory = () => ({
    say: (request: { text: string }, context: Parameters<typeof heard>[1]) => heard(request, context),
    read: (request: { text: string }, context: Parameters<typeof heard>[1]) => heard(request, context),
    mix: (request: object) => request,
    fail({ how }: { how: string }) {
      const details = { place: "Atlantis", tries: [1, 2] };
      if (how === "declared")
        throw new OrreryError("not_found", 'Cannot find place "Atlantis": no such name', { details });
      throw new Error("the password is swordfish");
    },
    async wait(
      { ms }: { ms: number },
      { clock, signal }: { clock: { timer: Parameters<typeof sleepWith>[0] }; signal: AbortSignal },
    ) {
      notes.begun++;
      notes.tell();
      try {
        await sleepWith(clock.timer, ms, signal);
        return { text: `waited ${ms}` };
      } catch (error) {
        notes.cancelled++;
        throw error;
      } finally {
        notes.ended++;
        notes.tell();
      }
    },
    count: (request: CountRequest, { signal }: { signal: AbortSignal }) => count(request, signal, notes),
    tail: (request: CountRequest, { signal }: { signal: AbortSignal }) => count(request, signal, notes),
    note: ({ text }: { text: string }) => note(notes, `note ${text}`),
    tell: ({ text }: { text: string }) => note(notes, `tell ${text}`),
  });
  return defineComponent(LabService, factory as never, { instances: 4, streams: "beside" });
}

interface CountRequest {
  readonly to: number;
  readonly padding: number;
  readonly fail: boolean;
  readonly hold: boolean;
}

async function* count({ to, padding, fail, hold }: CountRequest, signal: AbortSignal, notes: Notes) {
  signal.addEventListener("abort", () => notes.cancelled++, { once: true });
  try {
    for (let value = 1; value <= to; value++) {
      notes.produced++;
      yield { value, padding: new Uint8Array(padding) };
    }
    if (fail) throw new OrreryError("out_of_range", `Cannot count past ${to}: no number is left`, { details: { to } });
    if (hold) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  } finally {
    notes.ended++;
    notes.tell();
  }
}

function note(notes: Notes, text: string): void {
  notes.noted.push(text);
  notes.tell();
}

interface Heard {
  readonly agent: string;
  readonly idempotencyKey: string;
  readonly trace: { traceId: Uint8Array; state: string } | undefined;
  readonly deadline: number;
  readonly clock: { monotonic(): number };
}

function heard({ text }: { text: string }, context: Heard) {
  const trace =
    context.trace === undefined ? "" : Buffer.from(context.trace.traceId).toString("hex") + context.trace.state;
  const budgetMs = BigInt(Math.ceil(context.deadline - context.clock.monotonic()));
  return { text, agent: context.agent, trace, idempotencyKey: context.idempotencyKey, budgetMs };
}

function shopComponent(notes: Notes) {
  return defineComponent(Shop, () => ({
    price: ({ sku }, { agent }) => ({ cents: sku.length, agent, secret: "not in the contract" }),
    async *watch({ to, fail }, { signal }) {
      for await (const { value } of count({ to, fail, padding: 0, hold: false }, signal, notes)) yield { value };
    },
    restock: ({ sku }) => note(notes, `restock ${sku}`),
    closed: ({ hour }) => note(notes, `closed ${hour}`),
    negative: (photo) => photo.map((byte) => 255 - byte),
    async *pieces(whole) {
      for (const byte of whole) yield new Uint8Array([byte]);
    },
    whenever: () => ({ at: "2026-01-02T03:04:05Z" as unknown as Date, count: "9007199254740993" as unknown as bigint }),
  }));
}
