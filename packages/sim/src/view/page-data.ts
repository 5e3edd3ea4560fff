import type { TraceKind, TraceRecord } from "../trace/trace.ts";
import { messagesOfRecords } from "./delivered.ts";
import { flowsOf } from "./flows.ts";
import { messagesOf } from "./messages.ts";
import { type PageData, SORTS, STATES } from "./page-format.ts";
import { endTickOf, type Recording } from "./recording.ts";
import { statesOf } from "./run-states.ts";

const CONTROL: ReadonlySet<string> = new Set(["dial", "accepted", "refused", "hangup", "heard", "control"]);

const SORT_OF: Readonly<Record<TraceKind, (typeof SORTS)[number]>> = {
  delivery: "message",
  lost: "message",
  timer: "timer",
  control: "timer",
  test: "timer",
  fault: "fault",
  life: "fault",
  point: "point",
  log: "log",
  flow: "flow",
  span: "flow",
};

/** Packs a run for the page. */
export function pageDataOf(recording: Recording): PageData {
  const { scenario, seed, hash, epochMs, nodes } = recording;
  const texts = new Map<string, number>();
  const textOf = (text: string): number => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, texts.size);
    return texts.size - 1;
  };
  textOf("");
  const places = new Map(nodes.map(({ name }, index) => [name, index]));
  const nodeOf = (name: string) => places.get(name) ?? -1;
  const messages = messagesOf(recording);
  const packing = { textOf, nodeOf, messageOf: placesOf(messages.map(({ key }) => key)) };
  const handlings = messages.flatMap(({ component, method, flow, handlings }) =>
    handlings.flatMap(({ node, startedTick, endedTick = endTickOf(recording) }) =>
      startedTick === undefined
        ? []
        : [nodeOf(node), startedTick, endedTick - startedTick, textOf(`${component}.${method}`), textOf(flow)],
    ),
  );
  const data = {
    rows: packRows(recording, packing),
    messages: {
      name: messages.map(({ component, method }) => textOf(`${component}.${method}`)),
      outcome: messages.map(({ outcome }) => textOf(outcome)),
      took: messages.map(({ queuedTick, returnedTick = queuedTick - 1 }) => returnedTick - queuedTick),
    },
    handlings,
    ...packStates(recording, nodeOf),
    flowNames: flowsOf(recording).flatMap(({ id, name }) => (name === "" ? [] : [[textOf(id), textOf(name)] as const])),
  };
  const head = { scenario, seed, hash, epochMs, endTick: endTickOf(recording) };
  const named = nodes.map(({ name, machine, zone }) => ({ name, machine, zone }));
  return { ...head, nodes: named, texts: [...texts.keys()], ...data };
}

interface Packing {
  readonly textOf: (text: string) => number;
  readonly nodeOf: (name: string) => number;
  readonly messageOf: ReadonlyMap<string, number>;
}

function packRows(recording: Recording, { textOf, nodeOf, messageOf }: Packing): PageData["rows"] {
  const found = messagesOfRecords(recording);
  const all = recording.records.map((record, index) => ({ record, of: found[index] }));
  const shown = all.filter(
    ({ record }, index) => record.kind !== "span" && !isToldBefore(record, recording.records[index - 1]),
  );
  const rowOf = placesOf(shown.map(({ record: { id, part } }) => (part === 0 ? id : "")));
  let tickBefore = 0;
  const rows = shown.map(({ record, of }) => {
    const { tick, sent, part, kind, node, from, what, cause, id, size, flow } = record;
    const since = tick - tickBefore;
    tickBefore = tick;
    const message = of?.message ?? "";
    const isDelivery = kind === "delivery";
    return [
      since,
      isDelivery ? tick - sent : 0,
      SORTS.indexOf(CONTROL.has(what?.step ?? "") && isDelivery ? "control" : SORT_OF[kind]),
      nodeOf(node),
      isDelivery ? nodeOf(from) : -1,
      nodeOf(what?.to ?? ""),
      textOf(labelOf(record)),
      Number(message.slice(message.lastIndexOf("#") + 1)),
      textOf(of?.flow || flow),
      rowOf.get(part === 0 ? cause : id) ?? -1,
      size,
      messageOf.get(message) ?? -1,
      isDelivery && what?.message?.startsWith("#") === true ? 1 : 0,
    ];
  });
  const column = (at: number) => rows.map((row) => row[at] ?? 0);
  const keys = "tick took sort node from to label id flow cause size message back".split(" ");
  return Object.fromEntries(keys.map((key, at) => [key, column(at)])) as unknown as PageData["rows"];
}

/** Whether a node's crash or restart is what the fault before has asked for. */
function isToldBefore({ kind, node, text }: TraceRecord, before: TraceRecord | undefined): boolean {
  return (
    kind === "life" && before?.kind === "fault" && before.text.startsWith(text) && before.text.endsWith(` ${node}`)
  );
}

/** What a row is in few words: the same for many, so that texts stay few. */
function labelOf({ kind, text, what }: TraceRecord): string {
  if (kind === "delivery" && what?.component !== undefined) return `${what.step} ${what.component}.${what.method}`;
  if (kind === "delivery" && what !== undefined) return what.outcome ?? what.step; // How it was answered.
  if (kind === "point" && what !== undefined) return what.step;
  if (kind === "lost" && what !== undefined) return `${what.step} ${what.component ?? ""}.${what.method ?? ""}`;
  return text === "" && kind === "timer" ? "timer" : text;
}

function packStates(recording: Recording, nodeOf: (name: string) => number) {
  const { nodes, links } = statesOf(recording);
  return {
    nodeStates: nodes.flatMap(({ kind, node, fromTick, toTick }) => [
      STATES.indexOf(kind),
      nodeOf(node),
      fromTick,
      toTick - fromTick,
    ]),
    linkStates: links.flatMap(({ kind, from, to, fromTick, toTick }) => [
      STATES.indexOf(kind),
      nodeOf(from),
      nodeOf(to),
      fromTick,
      toTick - fromTick,
    ]),
  };
}

/** Place of each text in a list; of the first, where one stands there twice. */
function placesOf(texts: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [index, text] of texts.entries()) if (text !== "" && !places.has(text)) places.set(text, index);
  return places;
}
