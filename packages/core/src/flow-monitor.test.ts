import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defineComponent } from "./component.ts";
import type { FlowRef } from "./envelope.ts";
import type { FlowEnd } from "./flow.ts";
import { defineFlowModel, type FlowModelOptions, type ModelStep, type ModelWords } from "./flow-model.ts";
import { createFlowMonitor, type FlowMonitor } from "./flow-monitor.ts";
import {
  FLOW_BREACHES_MAX,
  FLOW_MODEL_READINGS_MAX,
  FLOW_MODEL_STEPS_MAX,
  FLOW_STEPS_SHOWN_MAX,
  FLOWS_MONITORED_MAX,
} from "./limits.ts";
import type { MessageEvent } from "./message-events.ts";
import type { PointHit } from "./point.ts";
import { Any, anyService } from "./testing/services.ts";
import { createTestClock } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const SOURCE = { node: "web", instance: "", incarnation: 1 };

/** Drives a monitor by hand: what the nodes of a flow would tell it. */
function drive(make: (words: ModelWords) => ModelStep, options: FlowModelOptions = {}) {
  const clock = createTestClock(0);
  const monitor = createFlowMonitor({ models: [defineFlowModel("checkout", make, options)], clock });
  const flow: FlowRef = { id: 7, node: "web", name: "checkout", parentId: 0 };
  return { clock, monitor, flow, ...hands(monitor, flow) };
}

function hands(monitor: FlowMonitor, flow: FlowRef) {
  const message = (name: string, kind: MessageEvent["kind"] = "started", outcome?: MessageEvent["outcome"]) => {
    const [component = "", method = ""] = name.split(".");
    const about = { id: 1, source: SOURCE, component, method, mode: "sync", parent: undefined } as const;
    monitor.onMessage({ ...about, kind, atMs: 0, node: "b", instance: "x", flow, outcome });
  };
  const point = (name: string) => {
    const about = { data: undefined, node: "b", component: "c", method: "m", instance: "x", messageId: 1, agent: "" };
    const hit: PointHit = {
      ...about,
      name,
      flow,
      source: SOURCE,
      duplicate: () => undefined,
      crash: () => undefined,
    };
    monitor.onPoint(hit);
  };
  const begin = (one: FlowRef = flow, parent?: FlowRef) =>
    monitor.onFlow({ kind: "begin", atMs: 0, flow: one, parent, instance: "" });
  const end = (how: FlowEnd = "ok", one: FlowRef = flow) =>
    monitor.onFlow({ kind: "end", atMs: 0, flow: one, how, why: "asked" });
  return { message, point, begin, end };
}

/** Runs a line of steps: `a.x` a message begins, `@p` a point, `+5` ms pass, `end` the flow ends. Gives the breaches' texts. */
function run(make: (words: ModelWords) => ModelStep, line: string, options?: FlowModelOptions): readonly string[] {
  const { clock, monitor, message, point, begin, end } = drive(make, options);
  begin();
  for (const word of line.split(" ").filter((text) => text !== "")) {
    if (word === "end") end();
    else if (word.startsWith("end:")) end(word.slice(4) as FlowEnd);
    else if (word.startsWith("@")) point(word.slice(1));
    else if (word.startsWith("+")) clock.skip(Number(word.slice(1)));
    else message(word);
  }
  return monitor.breaches.map(({ text }) => text.replace(/^.*at (\d+) ms: /, "$1: "));
}

type Make = (words: ModelWords) => ModelStep;
const three: Make = ({ sequence }) => sequence("a.x", "b.x", "c.x");
const both: Make = ({ anyOrder, sequence }) => anyOrder(sequence("a.x", "b.x"), "c.x");
const maybe: Make = ({ sequence, optional }) => sequence("a.x", optional("b.x"), "c.x");
const some: Make = ({ sequence, repeat }) => sequence(repeat("a.x", { min: 1, max: 2 }), "b.x");
const either: Make = ({ sequence, oneOf }) => sequence(oneOf("a.x", sequence("b.x", "c.x")), "d.x");
const timed: Make = ({ sequence, within }) => sequence("a.x", within(50, "b.x"));
const span: Make = ({ within, sequence }) => within(50, sequence("a.x", "b.x", "c.x"));

const lines: readonly (readonly [what: string, make: Make, line: string, texts: readonly string[]])[] = [
  ["the right order", three, "a.x b.x c.x end", []],
  ["what no step names", three, "z.z a.x @p b.x z.z c.x end", []],
  ["a wrong order", three, "a.x c.x end", ['0: "c.x" came, expected "b.x", after "a.x"']],
  ["a wrong first step", three, "b.x", ['0: "b.x" came, expected "a.x", before any other step']],
  ["a step that comes twice", three, "a.x a.x", ['0: "a.x" came, expected "b.x", after "a.x"']],
  ["a step too many", three, "a.x b.x c.x c.x", ['0: "c.x" came, expected nothing more, after "a.x", "b.x", "c.x"']],
  [
    "a step after the end",
    three,
    "a.x b.x c.x end b.x",
    ['0: "b.x" came, expected nothing more, after "a.x", "b.x", "c.x"'],
  ],
  ["a missing end", three, "a.x end", ['0: it ended (ok) and "b.x", then "c.x" never came, after "a.x"']],
  [
    "nothing at all",
    three,
    "end",
    ['0: it ended (ok) and "a.x", then "b.x", then "c.x" never came, before any other step'],
  ],
  ["an end that need not be complete", three, "a.x end:failed b.x", []],
  ["any order, one way", both, "a.x c.x b.x end", []],
  ["any order, another way", both, "c.x a.x b.x end", []],
  ["any order that breaks a part's own", both, "c.x b.x", ['0: "b.x" came, expected "a.x", after "c.x"']],
  ["any order, unfinished", both, "a.x end", ['0: it ended (ok) and "b.x", then "c.x" never came, after "a.x"']],
  ["an optional step that came", maybe, "a.x b.x c.x end", []],
  ["an optional step that did not", maybe, "a.x c.x end", []],
  ["an optional step that came twice", maybe, "a.x b.x b.x", ['0: "b.x" came, expected "c.x", after "a.x", "b.x"']],
  ["what may come next to an optional step", maybe, "a.x a.x", ['0: "a.x" came, expected "b.x" or "c.x", after "a.x"']],
  ["as many repeats as may be", some, "a.x a.x b.x end", []],
  ["a repeat too many", some, "a.x a.x a.x", ['0: "a.x" came, expected "b.x", after "a.x", "a.x"']],
  ["a repeat too few", some, "b.x", ['0: "b.x" came, expected "a.x", before any other step']],
  ["one of two", either, "a.x d.x end", []],
  ["the other of two", either, "b.x c.x d.x end", []],
  ["one of two after the other", either, "b.x a.x", ['0: "a.x" came, expected "c.x", after "b.x"']],
  [
    "neither of two",
    either,
    "end",
    ['0: it ended (ok) and "a.x" or "b.x" and "c.x", then "d.x" never came, before any other step'],
  ],
  ["a step in time", timed, "+9 a.x +50 b.x end", []],
  ["a step too late", timed, "+9 a.x +51 b.x", ['60: the time for "b.x" is over, after "a.x"; "b.x" came']],
  ["a step that would be too late", timed, "+9 a.x +51 end", ['60: the time for "b.x" is over, after "a.x"']],
  ["several steps in time", span, "+20 a.x +20 b.x +10 c.x end", []],
  [
    "several steps of which the last is late",
    span,
    "+20 a.x +20 b.x +11 c.x",
    ['51: the time for "c.x" is over, after "a.x", "b.x"; "c.x" came'],
  ],
];

for (const [what, make, line, texts] of lines) {
  test(`createFlowMonitor judges ${what}: ${line}`, () => {
    assert.deepEqual(run(make, line), texts);
  });
}

test("createFlowMonitor gives each round of a repeat its own time", () => {
  const make: Make = ({ repeat, within }) => repeat(within(10, "a.x"), { min: 3, max: 3 });
  assert.deepEqual(run(make, "+10 a.x +10 a.x +10 a.x end"), []);
  assert.deepEqual(run(make, "+10 a.x +11 a.x"), ['21: the time for "a.x" is over, after "a.x"; "a.x" came']);
});

test("createFlowMonitor reads points, other moments of a message, and its outcome", () => {
  const make: Make = ({ sequence, message, point }) =>
    sequence(point("after-*"), message("till.charge", { at: "ended", outcome: "reply" }));
  assert.deepEqual(run(make, "till.charge @before-charge @after-charge end"), [
    '0: it ended (ok) and "till.charge" ended (reply) never came, after point "after-charge"',
  ]);
  const { monitor, message, point, end } = drive(make);
  point("after-charge");
  message("till.charge", "started");
  message("till.charge", "ended", "error");
  message("till.charge", "ended", "reply");
  end();
  assert.deepEqual(monitor.breaches, []);
});

test("createFlowMonitor tells all about a breach, and stops looking at that flow", () => {
  const { monitor, flow, clock, begin, message } = drive(three);
  begin();
  message("a.x");
  clock.skip(120);
  message("c.x");
  message("c.x");
  assert.deepEqual(monitor.breaches, [
    {
      model: "checkout",
      flow,
      atMs: 120,
      kind: "wrong",
      expected: ['"b.x"'],
      came: '"c.x"',
      seen: ['"a.x"'],
      text: 'Flow "checkout" (web/7) does not keep to model "checkout" at 120 ms: "c.x" came, expected "b.x", after "a.x"',
    },
  ]);
});

test("createFlowMonitor keeps flows apart, and leaves those without a model alone", () => {
  const { monitor, message, flow } = drive(three);
  const other = hands(monitor, { ...flow, node: "app" });
  const unknown = hands(monitor, { ...flow, id: 8, name: "refund" });
  for (const step of ["a.x", "b.x", "c.x"]) {
    message(step);
    other.message(step);
    unknown.message("c.x");
  }
  assert.deepEqual(monitor.finish(), []);
});

test("createFlowMonitor begins anew when another life of a node gives out the same id", () => {
  const { monitor, begin, message, end } = drive(three);
  for (let life = 0; life < 2; life++) {
    begin();
    for (const step of ["a.x", "b.x", "c.x"]) message(step);
    end();
  }
  assert.deepEqual(monitor.finish(), []);
});

test("createFlowMonitor counts the end of a sub-flow as a step of its parent", () => {
  const { monitor, flow, begin, end } = drive(({ sequence, subFlow }) =>
    sequence(subFlow("payment", "ok"), subFlow("post")),
  );
  const child = (id: number, name: string): FlowRef => ({ id, node: "b", name, parentId: 0 });
  begin();
  begin(child(1, "payment"), flow);
  begin(child(2, "post"), flow);
  end("ok", child(1, "payment"));
  end("failed", child(2, "post"));
  end("ok");
  assert.equal(monitor.breaches.length, 0);
  begin();
  begin(child(3, "payment"), flow);
  end("failed", child(3, "payment"));
  end("ok");
  assert.match(
    monitor.breaches[0]?.text ?? "",
    /it ended \(ok\) and end of sub-flow "payment" \(ok\), then end of sub/,
  );
});

test("createFlowMonitor finds what is missing and what is late at the end of a run, and in between when asked", () => {
  const { monitor, clock, begin, message } = drive(timed);
  begin();
  message("a.x");
  clock.skip(50);
  monitor.check();
  assert.deepEqual(monitor.breaches, []);
  clock.skip(1);
  monitor.check();
  monitor.check();
  assert.equal(monitor.breaches.length, 1);
  const second = drive(three);
  second.begin();
  second.message("a.x");
  assert.match(second.monitor.finish()[0]?.text ?? "", /the run ended and "b.x", then "c.x" never came, after "a.x"$/);
});

test("createFlowMonitor may be strict, and then everything in the flow must be named", () => {
  const options = { strict: true };
  assert.deepEqual(run(three, "a.x b.x c.x end", options), []);
  assert.deepEqual(run(three, "a.x z.z", options), ['0: "z.z" came, expected "b.x", after "a.x"']);
  assert.deepEqual(run(three, "a.x @p", options), ['0: point "p" came, expected "b.x", after "a.x"']);
});

test("createFlowMonitor holds flows of other names to a model that says so, and to be complete where it says so", () => {
  const options: FlowModelOptions = { flow: "check*", completeOn: ["failed"] };
  assert.deepEqual(run(three, "a.x end", options), []);
  assert.equal(run(three, "a.x end:failed", options).length, 1);
  assert.deepEqual(run(three, "c.x", { flow: "refund" }), []);
});

test("createFlowMonitor follows real nodes by their hooks", async () => {
  const clock = createTestClock();
  const [Till, Mail] = [anyService("till"), anyService("mail")];
  const model = defineFlowModel("checkout", ({ sequence, point, within }) =>
    sequence("any.call", within(100, "till.call"), point("after-charge"), "mail.call"),
  );
  const monitor = createFlowMonitor({ models: [model], clock });
  const { onMessage, onFlow, onPoint } = monitor;
  const component = defineComponent(Any, () => ({
    async call(request, context) {
      await context.client(Till).call(null);
      await context.point("after-charge");
      if (request !== "forget") await context.client(Mail).call(null);
      return null;
    },
  }));
  const others = [Till, Mail].map((service) => defineComponent(service, () => ({ call: async () => null })));
  const { node } = await startTestNode([component, ...others], { clock, onMessage, onFlow, onPoint });
  for (const request of ["remember", "forget"]) {
    await using flow = node.beginFlow("checkout");
    await flow.client(Any).call(request);
    await flow.end("ok");
  }
  const [breach, ...more] = monitor.finish();
  assert.deepEqual(more, []);
  assert.match(
    breach?.text ?? "",
    /: it ended \(ok\) and "mail.call" never came, after "any.call", "till.call", point "after-charge"$/,
  );
});

/** A random model, and every line of at most `LONGEST` letters that it allows, found in the plainest way. */
type Tree =
  | { kind: "letter"; letter: string }
  | { kind: "sequence" | "anyOrder" | "oneOf"; trees: Tree[] }
  | { kind: "repeat"; tree: Tree; min: number; max: number };
const LONGEST = 4;

function shuffled(one: string, other: string): string[] {
  if (one === "" || other === "") return [one + other];
  return [
    ...shuffled(one.slice(1), other).map((rest) => one[0] + rest),
    ...shuffled(one, other.slice(1)).map((rest) => other[0] + rest),
  ];
}

function allowed(tree: Tree): Set<string> {
  const join = (ones: Iterable<string>, others: Iterable<string>, how: (one: string, other: string) => string[]) => {
    const all = [...ones].flatMap((one) => [...others].flatMap((other) => how(one, other)));
    return new Set(all.filter((text) => text.length <= LONGEST));
  };
  const chained = (one: string, other: string) => [one + other];
  switch (tree.kind) {
    case "letter":
      return new Set([tree.letter]);
    case "oneOf":
      return new Set(tree.trees.flatMap((one) => [...allowed(one)]));
    case "sequence":
      return tree.trees.map(allowed).reduce((all, next) => join(all, next, chained), new Set([""]));
    case "anyOrder":
      return tree.trees.map(allowed).reduce((all, next) => join(all, next, shuffled), new Set([""]));
    case "repeat": {
      const once = allowed(tree.tree);
      let lines = new Set([""]);
      const all = new Set<string>(tree.min === 0 ? [""] : []);
      for (let times = 1; times <= tree.max; times++) {
        lines = join(lines, once, chained);
        if (times >= tree.min) for (const text of lines) all.add(text);
      }
      return all;
    }
  }
}

function modelOf(tree: Tree, words: ModelWords): ModelStep {
  switch (tree.kind) {
    case "letter":
      return `${tree.letter}.x`;
    case "repeat":
      return words.repeat(modelOf(tree.tree, words), { min: tree.min, max: tree.max });
    default:
      return words[tree.kind](...tree.trees.map((one) => modelOf(one, words)));
  }
}

const { tree: anyTree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.record({ kind: fc.constant("letter" as const), letter: fc.constantFrom("a", "b", "c") }),
    fc.record({
      kind: fc.constantFrom("sequence" as const, "anyOrder" as const, "oneOf" as const),
      trees: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
    }),
    fc
      .record({ tree: tie("tree"), min: fc.nat(2), more: fc.nat(2) })
      .map(({ tree, min, more }) => ({ kind: "repeat" as const, tree, min, max: Math.max(1, min + more) })),
  ),
}));

test("createFlowMonitor allows exactly the lines that the model means", () => {
  const letters = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: LONGEST });
  fc.assert(
    fc.property(anyTree, fc.array(letters, { minLength: 1, maxLength: 8 }), (tree, texts) => {
      const right = allowed(tree);
      const tried = [...[...right].slice(0, 8), ...texts.map((text) => text.join(""))];
      for (const text of tried) {
        const line = [...text].map((letter) => `${letter}.x`).join(" ");
        // Letters that no step names are nobody's business, so the model is made strict.
        const breaches = run((words) => modelOf(tree, words), `${line} end`, { strict: true });
        assert.equal(breaches.length === 0, right.has(text), `"${text}": ${breaches.join("; ")}`);
      }
    }),
    { numRuns: 300 },
  );
});

const refused: readonly (readonly [what: string, make: Make, message: RegExp])[] = [
  [
    "a step that is no message",
    () => "charge",
    /step "charge" is no message, write "component.method" or point\("charge"\)$/,
  ],
  ["no steps", ({ sequence }) => sequence(), /sequence\(\) has no steps, give it one at least$/],
  ["a repeat that cannot be", ({ repeat }) => repeat("a.x", { min: 2, max: 1 }), /repeat\(\) is from 2 to 1 times/],
  ["half a repeat", ({ repeat }) => repeat("a.x", { min: 0, max: 1.5 }), /repeat\(\) is from 0 to 1.5 times/],
  ["no time", ({ within }) => within(0, "a.x"), /within\(\) has 0 ms, write a number above 0$/],
  [
    "too many steps",
    ({ sequence }) => sequence(...Array<string>(FLOW_MODEL_STEPS_MAX + 1).fill("a.x")),
    /it has 257 steps, the limit is 256$/,
  ],
];

for (const [what, make, message] of refused) {
  test(`defineFlowModel refuses ${what}`, () => {
    assert.throws(() => defineFlowModel("checkout", make), { code: "invalid_argument", message });
  });
}

test("createFlowMonitor looks at as many flows as its bound says, and counts those it skips", () => {
  const { monitor, flow } = drive(three);
  for (let id = 1; id <= FLOWS_MONITORED_MAX + 1; id++) hands(monitor, { ...flow, id }).begin();
  assert.equal(monitor.skipped, 1);
});

/** Parts that are alike to begin with: after half of their beginnings, any half of them may be those that have begun. */
function ambiguous(parts: number): number {
  const { monitor, message } = drive(({ anyOrder, sequence }) =>
    anyOrder(...Array.from({ length: parts }, (_, at) => sequence("a.x", `b.x${at}`))),
  );
  for (let at = 0; at < parts / 2; at++) message("a.x");
  assert.deepEqual(monitor.breaches, []);
  return monitor.skipped;
}

test("createFlowMonitor gives up a flow that can be read in too many ways, and counts it", () => {
  assert.ok(FLOW_MODEL_READINGS_MAX >= 252 && FLOW_MODEL_READINGS_MAX < 462);
  assert.equal(ambiguous(10), 0); // Five of ten: 252 ways.
  assert.equal(ambiguous(11), 1); // Six of eleven: 462 ways.
});

test("createFlowMonitor keeps as many breaches as its bound says, and tells of all", () => {
  const clock = createTestClock();
  let told = 0;
  const monitor = createFlowMonitor({ models: [defineFlowModel("checkout", three)], clock, onBreach: () => told++ });
  for (let id = 1; id <= FLOW_BREACHES_MAX + 1; id++)
    hands(monitor, { id, node: "web", name: "checkout", parentId: 0 }).message("c.x");
  assert.equal(monitor.breaches.length, FLOW_BREACHES_MAX);
  assert.equal(told, FLOW_BREACHES_MAX + 1);
});

test("createFlowMonitor tells the last steps only", () => {
  const { monitor, message } = drive(({ sequence, repeat }) => sequence(repeat("a.x"), "b.x", "c.x"));
  for (let at = 0; at < FLOW_STEPS_SHOWN_MAX + 5; at++) message("a.x");
  message("c.x");
  assert.equal(monitor.breaches[0]?.seen.length, FLOW_STEPS_SHOWN_MAX);
});
