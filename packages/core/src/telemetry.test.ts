import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import type { Envelope, TraceRef } from "./envelope.ts";
import type { LogEntry } from "./log.ts";
import type { MessageWatch } from "./message-events.ts";
import { createNode } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import type { TelemetryHost } from "./telemetry.ts";
import { Shop } from "./testing/services.ts";
import { startTestNode } from "./testing/test-node.ts";

const SPAN: TraceRef = { traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(2), flags: 1, state: "" };

/** A watch that tells what it was told, and gives each message a trace. */
function recorder() {
  const told: string[] = [];
  const watch: MessageWatch = {
    refused: ({ component, method }, error) => told.push(`refused ${component}.${method} ${error.reason}`),
    queued(envelope: Envelope) {
      told.push("queued");
      envelope.trace = SPAN;
      return "mine";
    },
    closed: (_, error, noted) => told.push(`closed ${error?.reason ?? "reply"} ${String(noted)}`),
    returned: () => undefined,
    settling: (_envelope, _parent, settlers) => settlers,
    incoming(kind, message, outcome, reason) {
      told.push([kind, outcome, reason].filter(Boolean).join(" "));
      if (kind === "received") message.trace = { ...SPAN, spanId: new Uint8Array(8).fill(3) };
    },
  };
  return { told, watch };
}

const shop = (seen: (TraceRef | undefined)[] = []) =>
  defineComponent(Shop, () => ({
    async buy(_, context) {
      context.log.info("bought");
      seen.push(context.trace);
      return { total: 1 };
    },
    note: async () => undefined,
    async *watch() {},
    close: async () => undefined,
  }));

test("telemetry of a node is lent what the node is, and told each message, beside onMessage", async () => {
  const { told, watch } = recorder();
  const events: string[] = [];
  let host: TelemetryHost | undefined;
  const telemetry = {
    seat(lent: TelemetryHost) {
      host = lent;
      return { watch };
    },
  };
  const onMessage = ({ kind }: { kind: string }) => events.push(kind);
  const { node } = await startTestNode([shop()], { telemetry, onMessage });
  await node.client(Shop).buy({ item: "x" });
  assert.deepEqual(told, ["queued", "received", "started", "ended reply", "replied reply", "closed reply mine"]);
  assert.deepEqual(events, ["queued", "sent", "received", "started", "ended", "replied", "returned"]);
  assert.deepEqual([host?.node, host?.components().map(({ name }) => name)], ["here", ["shop"]]);
});

test("telemetry of a node is told why messages went nowhere, and why they were refused", async () => {
  const { told, watch } = recorder();
  const { node } = await startTestNode([shop()], { telemetry: { seat: () => ({ watch }) } });
  const lonely = createNode({ components: [], telemetry: { seat: () => ({ watch }) } });
  await outcomeOf(lonely.client(Shop).buy({ item: "x" }));
  assert.deepEqual(told, ["refused shop.buy no_such_component"]);
  await outcomeOf(node.client(Shop).buy({ item: "x" }, { version: "9.9.9" }));
  assert.deepEqual(told.slice(1), ["queued", "received", "closed no_such_version mine"]);
});

test("telemetry of a node may put its own trace before handlers and into their lines", async () => {
  const seen: (TraceRef | undefined)[] = [];
  const lines: LogEntry[] = [];
  const log = (entry: LogEntry) => lines.push(entry);
  const own: LogEntry[] = [];
  const telemetry = { seat: () => ({ watch: recorder().watch, log }) };
  const { node } = await startTestNode([shop(seen)], { telemetry, log: (entry) => own.push(entry) });
  await node.client(Shop).buy({ item: "x" });
  assert.deepEqual([...(seen[0]?.spanId ?? [])], [3, 3, 3, 3, 3, 3, 3, 3]);
  const line = lines.find(({ text }) => text === "bought") ?? assert.fail("no line");
  assert.deepEqual([line.fields["trace"], line.fields["component"]], ["01".repeat(16), "shop"]);
  assert.equal("watched" in line.fields, false);
  assert.deepEqual(own, lines);
});

test("telemetry that follows a node may refuse another", () => {
  const seat = () => {
    throw new OrreryError("failed_precondition", "Cannot follow two");
  };
  assert.throws(() => createNode({ components: [], telemetry: { seat } }), { code: "failed_precondition" });
});
