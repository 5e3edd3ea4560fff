import assert from "node:assert/strict";
import { test } from "node:test";
import { toMermaid } from "./mermaid.ts";
import { toOtel } from "./otel.ts";
import { toPerfetto } from "./perfetto.ts";
import type { Recording } from "./recording.ts";
import { shopRun } from "./testing/shop-run.ts";
import { toTimeline } from "./timeline.ts";
import { writeTrace } from "./trace-file.ts";

/** A way of a message as each export tells it: times in ticks; no arrival for what did not. */
interface Told {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly arrived: number | undefined;
}

const inOrder = (told: readonly Told[]) => {
  const at = ({ arrived, sent }: Told) => arrived ?? sent;
  const key = ({ what, from, to, sent }: Told) => `${sent} ${what} ${from} ${to}`;
  return told.toSorted((a, b) => at(a) - at(b) || (key(a) < key(b) ? -1 : 1));
};

interface Event {
  readonly [field: string]: string | number;
}

function perfettoTells(recording: Recording): readonly Told[] {
  const { traceEvents } = JSON.parse(toPerfetto(recording, { flow: "checkout" })) as { traceEvents: Event[] };
  const ends = new Map(traceEvents.filter(({ ph }) => ph === "e").map((one) => [one["id"], one]));
  return traceEvents.flatMap((one) => {
    if (one["ph"] !== "b") return [];
    const { from, to, arrived } = one["args"] as unknown as { from: string; to: string; arrived: boolean };
    const what = `${one["cat"]} ${one["name"]}`;
    return [
      { what, from, to, sent: Number(one["ts"]), arrived: arrived ? Number(ends.get(one["id"])?.["ts"]) : undefined },
    ];
  });
}

interface Span {
  readonly [field: string]: string;
}

function otelTells(recording: Recording): readonly Told[] {
  const { resourceSpans } = JSON.parse(toOtel(recording, { flow: "checkout" })) as {
    resourceSpans: {
      resource: { attributes: { value: { stringValue: string } }[] };
      scopeSpans: { spans: Span[] }[];
    }[];
  };
  const all = resourceSpans.flatMap(({ resource, scopeSpans }) =>
    (scopeSpans[0]?.spans ?? []).map((span) => ({ span, node: resource.attributes[0]?.value.stringValue ?? "" })),
  );
  const tickOf = (nanos: unknown) => Number((BigInt(String(nanos)) - BigInt(recording.epochMs) * 1_000_000n) / 1000n);
  const eventsOf = (span: Span) =>
    span["events"] as unknown as {
      name: string;
      timeUnixNano: string;
      attributes: { value: { stringValue: string } }[];
    }[];
  const find = (span: Span, name: string) => eventsOf(span).find((event) => event.name === name);
  return all.flatMap(({ span, node }): Told[] => {
    if (Number(span["kind"]) !== 2) {
      const lost = eventsOf(span).filter(({ name }) => name === "lost");
      return lost.map(({ timeUnixNano, attributes }) => {
        const [from, to] = attributes.map(({ value }) => value.stringValue);
        return {
          what: `request ${span["name"]}`,
          from: from ?? "",
          to: to ?? "",
          sent: tickOf(timeUnixNano),
          arrived: undefined,
        };
      });
    }
    const caller = all.find((one) => one.span["spanId"] === span["parentSpanId"]) ?? assert.fail();
    const sent = tickOf(find(caller.span, "sent")?.timeUnixNano);
    const there = {
      what: `request ${span["name"]}`,
      from: caller.node,
      to: node,
      sent,
      arrived: tickOf(span["startTimeUnixNano"]),
    };
    const replied = find(span, "replied");
    if (replied === undefined) return [there];
    const isHeard = JSON.stringify(caller.span["status"]) === JSON.stringify(span["status"]);
    const back = { what: `reply ${span["name"]}`, from: node, to: caller.node, sent: tickOf(replied.timeUnixNano) };
    return [there, { ...back, arrived: isHeard ? tickOf(caller.span["endTimeUnixNano"]) : undefined }];
  });
}

const ARROW = /^ {2}(\w+)(->>|-\)|-x|-->>|--x)(\w+): (?:\w+ of )?([\w.]+)(?: \(\w+\))?, ([\d.,]+)(?: → ([\d.,]+))? ms$/;

function mermaidTells(recording: Recording): readonly Told[] {
  const nodes = new Map<string, string>();
  let node = "";
  return toMermaid(recording, { flow: "checkout" })
    .split("\n")
    .flatMap((line) => {
      node = /^ {2}box transparent (.+)$/.exec(line)?.[1] ?? node;
      const alias = /^ {4}participant (\w+) as/.exec(line)?.[1];
      if (alias !== undefined) nodes.set(alias, node);
      const [, from = "", arrow = "", to = "", name, sent = "", arrived] = ARROW.exec(line) ?? [];
      if (name === undefined) return [];
      const tickOf = (ms: string) => Math.round(Number(ms.replaceAll(",", "")) * 1000);
      const what = `${arrow.startsWith("--") ? "reply" : "request"} ${name}`;
      const ends = { from: nodes.get(from) ?? "", to: nodes.get(to) ?? "" };
      return [{ what, ...ends, sent: tickOf(sent), arrived: arrived === undefined ? undefined : tickOf(arrived) }];
    });
}

test("toPerfetto, toOtel and toMermaid tell one flow with the same messages, in one order, at the same times", async () => {
  const recording = await shopRun();
  const told = mermaidTells(recording);
  assert.ok(told.length >= 17, `${told.length} messages`);
  assert.ok(told.some(({ arrived }) => arrived === undefined));
  const times = told.map(({ arrived, sent }) => arrived ?? sent);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.deepEqual(inOrder(perfettoTells(recording)), inOrder(told));
  assert.deepEqual(inOrder(otelTells(recording)), inOrder(told));
});

test("toMermaid without a flow tells the messages of all", async () => {
  const recording = await shopRun();
  const arrows = (text: string) => text.split("\n").filter((line) => ARROW.test(line)).length;
  const flows = new Set(recording.records.flatMap(({ kind, flow }) => (kind === "span" ? [flow] : [])));
  const each = [...flows].map((flow) => arrows(toMermaid(recording, { flow })));
  assert.ok(flows.size > 1);
  assert.equal(
    arrows(toMermaid(recording)),
    each.reduce((sum, count) => sum + count, 0),
  );
});

test("no export has anything of the real clock in it: two runs at different times give the same bytes", async () => {
  const write = (run: Recording) => [
    [...writeTrace(run)].join("\n"),
    toPerfetto(run),
    toOtel(run),
    toMermaid(run, { flow: "checkout" }),
    toTimeline(run, { hasControl: true }),
  ];
  assert.deepEqual(write(await shopRun()), write(await shopRun()));
});

/** The lines that a sequence diagram may have, after Mermaid's grammar. */
const MERMAID_LINES: readonly RegExp[] = [
  /^sequenceDiagram$/,
  /^ {2}%% .*$/,
  /^ {2}box transparent [^;#]+$/,
  /^ {4}participant \w+ as [^;#]+$/,
  /^ {2}end$/,
  /^ {2}\w+(?:->>|-->>|-x|--x|-\))\w+: (?:[^;#]|#\d+;)+$/,
  /^ {2}Note over \w+(?:,\w+)?: (?:[^;#]|#\d+;)+$/,
];

test("toMermaid writes lines of Mermaid's grammar, with every participant declared once", async () => {
  const recording = await shopRun();
  const lines = toMermaid(recording, { flow: "checkout" }).trimEnd().split("\n");
  for (const line of lines)
    assert.ok(
      MERMAID_LINES.some((one) => one.test(line)),
      line,
    );
  const declared = lines.flatMap((line) => /participant (\w+)/.exec(line)?.[1] ?? []);
  assert.deepEqual(declared, [...new Set(declared)]);
  const used = lines.flatMap((line) => /^ {2}(\w+)-+[>x)]+(\w+):/.exec(line)?.slice(1) ?? []);
  assert.ok(used.every((alias) => declared.includes(alias)));
  const notes = lines.filter((line) => line.includes("Note over")).join("\n");
  for (const part of ["read, 37.2 ms", "timeout of till.pay after", "partition visitor | store, "])
    assert.ok(notes.includes(part), notes);
});

test("toMermaid keeps what could end a line out of it", async () => {
  const recording = await shopRun();
  const records = recording.records.map((record) => {
    const { what } = record;
    return what?.component === undefined ? record : { ...record, what: { ...what, component: "a;b#c\nd" } };
  });
  const text = toMermaid({ ...recording, records }, { flow: "checkout" });
  assert.match(text, /: a#59;b#35;c d\.pay, /);
  for (const line of text.trimEnd().split("\n"))
    assert.ok(
      MERMAID_LINES.some((one) => one.test(line)),
      line,
    );
});
