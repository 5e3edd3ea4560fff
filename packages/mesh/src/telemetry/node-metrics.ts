import type { ComponentView, JournalLoad, TelemetryHost } from "@orrery/core";
import type { GossipDirectory } from "../discovery/gossip-directory.ts";
import type { Limits } from "../limits/node-limits.ts";
import type { Metric, MetricSample } from "./metric.ts";

/** What of a node is counted when somebody asks: its components, its journal, its breakers and throttles, its gossip. */
export function collectNode({ components, limits, directory, journal }: TelemetryHost): readonly Metric[] {
  const load = journal?.();
  return [
    ...componentMetrics(components()),
    ...(load === undefined ? [] : journalMetrics(load)),
    ...(isLimits(limits) ? limitMetrics(limits) : []),
    ...(isGossip(directory) ? gossipMetrics(directory) : []),
  ];
}

function componentMetrics(views: readonly ComponentView[]): readonly Metric[] {
  const each = (read: (view: ComponentView) => number) =>
    views.map((view) => ({ labels: { component: view.name, version: view.version }, value: read(view) }));
  return [
    gauge("orrery_instances", "Instances of a component, by where they stand in their life.", views.flatMap(statesOf)),
    gauge(
      "orrery_instances_allowed",
      "Instances that a component may have here.",
      each(({ capacity }) => capacity.instances),
    ),
    gauge(
      "orrery_busy_messages",
      "Messages that handlers are at.",
      each(({ instances }) => sum(instances.map(({ busy }) => busy))),
    ),
    gauge(
      "orrery_queue_messages",
      "Messages that wait for an instance.",
      each(({ instances }) => sum(instances.map(({ waiting }) => waiting))),
    ),
    gauge(
      "orrery_queue_head_wait_seconds",
      "How long the message has waited that waits longest.",
      each(({ instances }) => Math.max(0, ...instances.map(({ waitedMs }) => waitedMs)) / 1000),
    ),
  ];
}

function journalMetrics({ entries, bytes, deadLetters }: JournalLoad): readonly Metric[] {
  const one = (value: number) => [{ labels: {}, value }];
  return [
    gauge("orrery_kept_messages", "Messages in the journal, dead letters included.", one(entries)),
    gauge("orrery_kept_bytes", "Bytes of messages in the journal.", one(bytes)),
    gauge("orrery_dead_letters", "Kept messages that were given up and wait for somebody.", one(deadLetters)),
  ];
}

function statesOf({ name, version, instances }: ComponentView): readonly MetricSample[] {
  const counts = new Map<string, number>();
  for (const { state } of instances) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, value]) => ({ labels: { component: name, version, state }, value }));
}

function limitMetrics(limits: Limits): readonly Metric[] {
  const circuits = new Map<string, { readonly labels: { group: string; state: string }; value: number }>();
  const opened = new Map<string, number>();
  for (const { group: whole, state, opened: times } of limits.circuits()) {
    const group = whole.replace(/@.*$/, ""); // One for each instance would be many.
    const key = `${group} ${state}`;
    const count = circuits.get(key) ?? { labels: { group, state }, value: 0 };
    count.value++;
    circuits.set(key, count);
    opened.set(group, (opened.get(group) ?? 0) + times);
  }
  const throttles = limits.throttles();
  const named = (read: (view: (typeof throttles)[number]) => number) =>
    throttles.map((view) => ({ labels: { throttle: view.rule.name }, value: read(view) }));
  const refusals = limits
    .refusals()
    .map(({ check, beyond, messages }) => ({ labels: { check, beyond }, value: messages }));
  return [
    gauge("orrery_circuits", "Breakers of a group of methods, by state.", [...circuits.values()]),
    counter(
      "orrery_circuits_opened_total",
      "How often breakers of a group of methods have opened.",
      [...opened].map(([group, value]) => ({ labels: { group }, value })),
    ),
    counter(
      "orrery_throttle_passed_total",
      "Messages that a throttle let through.",
      named(({ passed }) => passed),
    ),
    counter(
      "orrery_throttle_refused_total",
      "Messages that a throttle kept back.",
      named(({ refused }) => refused),
    ),
    gauge(
      "orrery_throttle_under_way",
      "Messages that count against a throttle now.",
      named(({ underWay }) => underWay),
    ),
    counter("orrery_refused_total", "Messages that no way was open to, by what kept them.", refusals),
  ];
}

function gossipMetrics(directory: GossipDirectory): readonly Metric[] {
  const { messages, bytes, rubbish, health } = directory.stats();
  const states = new Map<string, number>();
  for (const { status } of directory.members()) states.set(status, (states.get(status) ?? 0) + 1);
  const one = (value: number) => [{ labels: {}, value }];
  return [
    counter("orrery_gossip_messages_total", "Messages of gossip that this node said.", one(messages)),
    counter("orrery_gossip_bytes_total", "Bytes of gossip that this node said.", one(bytes)),
    counter("orrery_gossip_rubbish_total", "Gossip that this node could not read.", one(rubbish)),
    gauge("orrery_gossip_health", "How unwell this node takes itself for, from 0 to 8.", one(health)),
    gauge(
      "orrery_members",
      "Nodes that this node knows, by status.",
      [...states].map(([status, value]) => ({ labels: { status }, value })),
    ),
  ];
}

/** A metric that goes up and down. */
export function gauge(name: string, help: string, samples: readonly MetricSample[]): Metric {
  return { name, help, type: "gauge", samples };
}

/** A metric that only goes up. */
export function counter(name: string, help: string, samples: readonly MetricSample[]): Metric {
  return { name, help, type: "counter", samples };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function isLimits(limits: unknown): limits is Limits {
  return typeof limits === "object" && limits !== null && "circuits" in limits && "throttles" in limits;
}

function isGossip(directory: unknown): directory is GossipDirectory {
  return typeof directory === "object" && directory !== null && "stats" in directory && "members" in directory;
}
