import { isOrreryError } from "@orrery/core";
import type { MetricPoint, PodEvent, ReadLogResponse } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import type { PageAnswer, PageEvent, PageTurn } from "../page/page-answer.ts";
import type { LeaseRecord } from "../publisher/lease-record.ts";
import type { ProviderDoor } from "../publisher/system-provider-door.ts";
import { saidBy } from "./answer-list.ts";
import { askBody } from "./ask-body.ts";
import { podPage, said } from "./frame-parts.ts";
import { LOG_LINES_SHOWN } from "./limits.ts";
import { lookAtPod, orWhy } from "./look-at-pods.ts";
import type { PageWorld } from "./page-world.ts";
import { type LogLine, logText, type PodView, podBody, podSections } from "./pod-body.ts";
import { actTask, fundTask, planTask } from "./start-tasks.ts";

/** The page of one pod. */
export async function answerPod(world: PageWorld, { query }: PageTurn, record: LeaseRecord): Promise<PageAnswer> {
  const [view, lines, files] = await Promise.all([
    viewOf(world, record),
    firstLines(world, record),
    world.files.list(),
  ]);
  const pods = files.flatMap((one) =>
    one.kind === "pod" && one.check.kind === "good" ? [{ file: one.file, of: one.check.pod.name }] : [],
  );
  const mine = pods.toSorted((a, b) => Number(b.of === record.pod) - Number(a.of === record.pod));
  const body = podBody(view, { said: said(saidBy(world, query)), lines, files: mine.map(({ file }) => file) });
  return podPage({ title: record.pod, at: "pods", account: world.publisher.account, body });
}

/** What of it changes by itself. */
export async function answerPodPart(world: PageWorld, _turn: PageTurn, record: LeaseRecord): Promise<PageAnswer> {
  return { kind: "part", body: podSections(await viewOf(world, record)) };
}

/** Asks whether an end is meant. */
export async function answerAsk(world: PageWorld, record: LeaseRecord, act: "delete" | "close"): Promise<PageAnswer> {
  return podPage({ title: record.pod, at: "pods", account: world.publisher.account, body: askBody(record, act) });
}

/** Begins what is to be done to a pod or its lease. */
export async function answerAct(world: PageWorld, { form }: PageTurn, record: LeaseRecord): Promise<PageAnswer> {
  const act = form.text("act");
  if (act === "fund") return { kind: "redirect", to: fundTask(world, record, form.text("amount")) };
  if (act !== "plan") return { kind: "redirect", to: actTask(world, record, act) };
  const file = form.text("file");
  const { text } = await world.files.read(file);
  return { kind: "redirect", to: planTask(world, record, { file, text, deleteVolumes: form.texts("deleteVolume") }) };
}

/** Lines of a pod's log as they come, after the one that is named. */
export async function answerLog(world: PageWorld, turn: PageTurn, record: LeaseRecord): Promise<PageAnswer> {
  const after = turn.header("last-event-id") ?? turn.query.get("after") ?? "";
  return { kind: "stream", events: follow(world, record, { after, signal: turn.signal }) };
}

async function* follow(
  { publisher }: PageWorld,
  record: LeaseRecord,
  { after, signal }: { readonly after: string; readonly signal: AbortSignal },
): AsyncGenerator<PageEvent> {
  try {
    using door = await publisher.openFor(record);
    for await (const { id, ...data } of linesOf(door, record, { after, follow: true, signal })) yield { id, data };
    yield { event: "end", data: "The log has ended." };
  } catch (error) {
    if (!signal.aborted) yield { event: "end", data: isOrreryError(error) ? error.message : "The log was cut off." };
  }
}

const NAME = /^(\d{1,15})\.(\d{1,6})$/;

/** Lines, each named by its time and its place among those of that time: what was seen is left out. */
async function* linesOf(
  door: Pick<ProviderDoor, "calls">,
  { lease }: LeaseRecord,
  {
    after,
    follow: isFollowed,
    signal,
  }: { readonly after: string; readonly follow: boolean; readonly signal: AbortSignal },
): AsyncGenerator<LogLine> {
  const [, sinceMs = "0", seen = "0"] = NAME.exec(after) ?? [];
  const isFresh = sinceMs === "0";
  const asked = {
    lease,
    container: "",
    sinceMs: BigInt(sinceMs),
    tail: isFresh ? LOG_LINES_SHOWN : 0,
    follow: isFollowed,
  };
  let [atMs, place] = [0n, 0];
  for await (const line of door.calls.readLog(asked, { signal })) {
    place = line.atMs === atMs ? place + 1 : 1;
    atMs = line.atMs;
    if (!isFresh && String(atMs) === sinceMs && place <= Number(seen)) continue;
    yield lineOf(line, place);
  }
}

function lineOf(line: ReadLogResponse, place: number): LogLine {
  return { id: `${line.atMs}.${place}`, text: logText(line), stream: line.stream };
}

async function firstLines(world: PageWorld, record: LeaseRecord): Promise<readonly LogLine[]> {
  if (record.step === "ended") return [];
  const found = await orWhy(world, async (signal) => {
    using door = await world.publisher.openFor(record);
    return await Array.fromAsync(linesOf(door, record, { after: "", follow: false, signal }));
  });
  return typeof found === "string" ? [] : found;
}

async function viewOf(world: PageWorld, record: LeaseRecord): Promise<PodView> {
  const ask = <T>(what: (door: ProviderDoor, signal: AbortSignal) => Promise<T>) =>
    record.step === "ended"
      ? Promise.resolve("it is over")
      : orWhy(world, async (signal) => {
          using door = await world.publisher.openFor(record);
          return await what(door, signal);
        });
  const { lease } = record;
  const [sight, points, events] = await Promise.all([
    lookAtPod(world, record),
    ask<readonly MetricPoint[]>(async ({ calls }, signal) => (await calls.getMetrics({ lease }, { signal })).points),
    ask<readonly PodEvent[]>(async ({ calls }, signal) => (await calls.listEvents({ lease }, { signal })).events),
  ]);
  return { sight, points, events, token: world.token, nowMs: world.clock.now() };
}
