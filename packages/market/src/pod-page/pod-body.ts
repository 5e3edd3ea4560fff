import { printAmount, printBillionths } from "../amounts.ts";
import type { TokenFacts } from "../chain/evm/read-token.ts";
import type { MetricPoint, PodEvent, PodStatus, ReadLogResponse } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import { type Html, html } from "../page/html.ts";
import { lasts, timeOf } from "../page/page-words.ts";
import { readSealedPod } from "../pod/sealed-pod-json.ts";
import type { PublisherLease } from "../publisher/publisher.ts";
import { chart } from "./chart.ts";
import { badge, facts, said } from "./frame-parts.ts";
import { EVENTS_SHOWN_MAX, POD_REFRESH_S } from "./limits.ts";
import { addressesOf, healthOf } from "./list-body.ts";
import type { PodSight } from "./look-at-pods.ts";
import { podPath } from "./page-world.ts";

/** What the page of one pod shows. */
export interface PodView {
  readonly sight: PodSight;
  /** Why not, where its provider does not say. */
  readonly points: readonly MetricPoint[] | string;
  readonly events: readonly PodEvent[] | string;
  readonly token: TokenFacts;
  readonly nowMs: number;
}

/** What of it is there at first, and does not change by itself. */
export interface PodRest {
  readonly said: Html;
  readonly lines: readonly LogLine[];
  /** Pod files that an update may be of; those of the same pod come first. */
  readonly files: readonly string[];
}

/** A line of a log, by what it is asked on from. */
export interface LogLine {
  readonly id: string;
  readonly text: string;
  readonly stream: string;
}

/** The page of one pod. */
export function podBody(view: PodView, rest: PodRest): Html {
  const { record } = view.sight;
  const path = podPath(record.lease);
  const from = rest.lines.at(-1)?.id;
  const isOver = record.step === "ended";
  return html`<main><h1>${record.pod}</h1>${rest.said}
<div data-live="${path}/live" data-every="${POD_REFRESH_S}">${podSections(view)}</div>
${isOver ? html`<p class="none">It is over. What was not used of its deposit came back: <a href="/">see what is where</a>.</p>` : actsOf(view, rest)}
${
  isOver
    ? undefined
    : html`<section><h2>Log</h2><div class="log" role="log" tabindex="0" aria-label="Log" data-log="${path}/log${from === undefined ? "" : `?after=${from}`}">${rest.lines.map((line) => html`<div class="${line.stream}">${line.text}</div>`)}</div></section>`
}</main>`;
}

/** What of it changes by itself. */
export function podSections(view: PodView): Html {
  const { sight, points, events, token, nowMs } = view;
  const { record, status, lease } = sight;
  return html`<section><h2>State ${healthOf(sight)}</h2>${
    typeof status === "string"
      ? record.step === "ended"
        ? undefined
        : said(`The provider does not say how it stands: ${status}`, "bad")
      : html`${status.why === "" ? undefined : said(status.why, "warn")}${statusFacts(status, { token, nowMs, gateway: record.gateway })}`
  }</section>
<section><h2>Lease ${typeof lease === "string" ? badge("not known", "warn") : badge(lease.state.stage, lease.state.stage === "Active" ? "good" : "soft")}</h2>${leaseFacts(sight, token)}</section>
${typeof points === "string" ? undefined : html`<section><h2>Use</h2><div class="cards">${charts(points)}</div></section>`}
${typeof events === "string" ? undefined : html`<section><h2>Events</h2>${eventList(events)}</section>`}`;
}

function statusFacts(
  status: PodStatus,
  { token, nowMs, gateway }: Pick<PodView, "token" | "nowMs"> & { readonly gateway: string },
): Html {
  const host = hostOf(status);
  const copies = status.replicas.map(
    ({ container, number, state, restarts, lastEnd }) =>
      html`<li>${container} ${number}: ${state}${restarts === 0 ? undefined : html`, ${restarts} restarts`}${lastEnd === "" ? undefined : html` <small>last ended by ${lastEnd}</small>`}</li>`,
  );
  const until = Number(status.fundsUntil);
  return facts([
    status.addresses.length === 0 ? undefined : ["Answers at", html`${addressesOf(status)}`],
    host === undefined ? undefined : ["By the gateway", html`<code>curl -H 'Host: ${host}' ${gateway}</code>`],
    [
      "Costs",
      `${printBillionths(BigInt(status.hourly || "0"), token)} an hour, ${printAmount(BigInt(status.total || "0"), token)} so far`,
    ],
    status.state === "deleted"
      ? undefined
      : ["Money lasts", until === 0 ? "not known" : `${lasts(until, nowMs)}, until ${timeOf(until * 1_000)}`],
    status.endsAt === 0n ? undefined : ["Service ends", timeOf(Number(status.endsAt) * 1_000)],
    copies.length === 0 ? undefined : ["Copies", html`<ul>${copies}</ul>`],
    ...Object.entries(status.images).map(
      ([name, digest]) => [`Image of ${name}`, html`<code>${digest}</code>`] as const,
    ),
  ]);
}

/** The host by which a pod is asked over HTTP. */
export function hostOf({ addresses }: PodStatus): string | undefined {
  const found = addresses.find(({ protocol }) => protocol === "http");
  return /^https?:\/\/([^:/]+)/.exec(found?.address ?? "")?.[1];
}

function leaseFacts({ record, lease }: PodSight, token: TokenFacts): Html {
  const amount = (units: bigint) => printAmount(units, token);
  const known = typeof lease === "string" ? undefined : lease;
  return html`${typeof lease === "string" ? said(`The chain is not reached: ${lease}`, "bad") : undefined}${
    known?.unread === undefined
      ? undefined
      : said(`The provider's ledger was not read, so this is of what was known before: ${known.unread}`, "warn")
  }${facts([
    ["Name", html`<code>${record.lease}</code>`],
    ["Provider", html`<code>${record.provider.url}</code> <code>${record.provider.account}</code>`],
    ...(known === undefined ? [] : moneyRows(known, amount)),
  ])}`;
}

function moneyRows({ money, state, record }: PublisherLease, amount: (units: bigint) => string) {
  return [
    ["Deposit", amount(money.deposit)],
    ["Paid", amount(money.paid)],
    ["Claimable", `${amount(money.claimable)}, for ${record.head.covered} s that were metered`],
    ["Left", amount(money.remaining)],
    state.settlesAt === 0 || state.stage === "Settled" ? undefined : ["Settles", timeOf(state.settlesAt * 1_000)],
    state.answerBy === 0 ? undefined : ["Challenged", `to be answered by ${timeOf(state.answerBy * 1_000)}`],
  ] as const satisfies Parameters<typeof facts>[0];
}

function charts(points: readonly MetricPoint[]): readonly Html[] {
  const numbers = (of: (point: MetricPoint) => bigint | number) => points.map((point) => Number(of(point)));
  const grown = (of: (point: MetricPoint) => bigint) =>
    numbers(of).map((value, at, all) => Math.max(0, value - (all[at - 1] ?? value)));
  return [
    chart({
      name: "Processor",
      values: numbers(({ cpu }) => cpu),
      say: (value) => `${(value / 1_000).toFixed(2)} cores`,
    }),
    chart({ name: "Memory", values: numbers(({ memoryBytes }) => memoryBytes), say: bytes }),
    chart({ name: "Traffic between looks", values: grown((one) => one.ingressBytes + one.egressBytes), say: bytes }),
    chart({ name: "Storage", values: numbers(({ storageBytes }) => storageBytes), say: bytes }),
  ];
}

function bytes(value: number): string {
  const [unit, size] =
    value >= 1024 ** 3
      ? (["GiB", 1024 ** 3] as const)
      : value >= 1024 ** 2
        ? (["MiB", 1024 ** 2] as const)
        : (["KiB", 1024] as const);
  return `${(value / size).toFixed(value < size * 10 ? 1 : 0)} ${unit}`;
}

function eventList(events: readonly PodEvent[]): Html {
  if (events.length === 0) return html`<p class="none">Nothing happened yet.</p>`;
  const newest = events.slice(-EVENTS_SHOWN_MAX).toReversed();
  return html`<ul>${newest.map(({ atMs, kind, text }) => html`<li><time>${timeOf(Number(atMs))}</time> <b>${kind}</b> ${text}</li>`)}</ul>`;
}

/** A line of a log as it is shown. */
export function logText({
  atMs,
  container,
  replica,
  text,
}: Pick<ReadLogResponse, "atMs" | "container" | "replica" | "text">): string {
  return `${timeOf(Number(atMs)).slice(11, 19)} ${container}.${replica} ${text}`;
}

function actsOf({ sight, token, nowMs }: PodView, { files }: PodRest): Html {
  const { record, lease } = sight;
  const path = `${podPath(record.lease)}/act`;
  const state = typeof lease === "string" ? undefined : lease.state;
  const canSettle = state !== undefined && state.settlesAt > 0 && state.settlesAt * 1_000 <= nowMs;
  const button = (act: string, name: string) => html`<button name="act" value="${act}">${name}</button>`;
  if (state?.stage === "Closing" || state?.stage === "Overdrawn" || state?.stage === "Defaulted")
    return html`<section><h2>The rest of the money</h2><p>${canSettle ? "The notice is over: what was not used can come back to your wallet." : `What was not used comes back when the lease settles, from ${timeOf(state.settlesAt * 1_000)} on.`}</p>
<form method="post" action="${path}"><button class="${canSettle ? "main" : ""}" name="act" value="settle">Settle</button></form></section>`;
  if (record.step !== "running")
    return html`<section><h2>Its deployment was cut off</h2><form method="post" action="${path}" class="acts">${button("resume", "Go on with it")}${endings(record.lease)}</form></section>`;
  const volumes = readSealedPod(record.sealed).pod.volumes.map(
    ({ name }) =>
      html`<label class="check"><input type="checkbox" name="deleteVolume" value="${name}"> content of volume ${name} may go</label>`,
  );
  const update =
    files.length === 0
      ? html`<p class="none">There is no pod file in the folder. <a href="/files">Write one.</a></p>`
      : html`<form method="post" action="${path}" class="acts"><label>Pod file <select name="file">${files.map((file) => html`<option>${file}</option>`)}</select></label>${volumes}${button("plan", "Show what would change")}</form>`;
  return html`<section><h2>Put money in</h2><form method="post" action="${path}" class="acts"><label>${token.symbol} <input name="amount" inputmode="decimal" size="10" placeholder="5" required></label>${button("fund", "Put in")}</form></section>
<section><h2>Change it</h2>${update}</section>
<section><h2>Restart, or end</h2><form method="post" action="${path}" class="acts">${button("restart", "Restart")}${endings(record.lease)}</form></section>`;
}

function endings(lease: Parameters<typeof podPath>[0]): Html {
  return html`<a class="button danger" href="${podPath(lease)}/delete">Delete…</a><a class="button" href="${podPath(lease)}/close">Give notice…</a>`;
}
