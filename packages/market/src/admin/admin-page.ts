import { printAmount } from "../amounts.ts";
import { type Html, html } from "../page/html.ts";
import { lasts, shortHex, timeOf } from "../page/page-words.ts";
import type { AdminAct } from "./audit.ts";
import { ADMIN_REFRESH_S } from "./limits.ts";
import type { CapacityLine, Overview, StakeView, TenantLine } from "./overview.ts";

/** What the page shows. */
export interface AdminView {
  readonly overview: Overview;
  readonly acts: readonly AdminAct[];
  /** What came of what was just done; empty for nothing. */
  readonly said: string;
  readonly nowMs: number;
}

/** The page of who is logged in. */
export function adminBody(view: AdminView): Html {
  const { overview, said } = view;
  const state =
    overview.closed === ""
      ? html`<b class="good">open for pods</b>`
      : html`<b class="warn">closed: ${overview.closed}</b>`;
  return html`
<header><h1>Orrery provider</h1><p>${state} · <code>${overview.account}</code> · ${overview.runtime} runtime · evidence ${overview.evidence} · gateway <code>${overview.gateway}</code></p>
<form method="post" action="/act">
${overview.closed === "" ? button("pause", "Pause", "Takes no new pods; what runs goes on") : button("resume", "Resume", "Takes new pods again")}
${button("drain", "Drain", "Takes no new pods, and gives notice for all leases")}
<button formaction="/logout">Log out</button></form></header>
<main data-live="/live" data-every="${ADMIN_REFRESH_S}">${said === "" ? undefined : html`<p class="said" role="status">${said}</p>`}${adminSections(view)}</main>`;
}

/** What of the page changes by itself. */
export function adminSections({ overview, acts, nowMs }: AdminView): Html {
  const { capacity, pods, stake, earnings, alerts, token } = overview;
  const money = (amount: bigint) => printAmount(amount, token);
  const card = (name: string, value: string, note: string) =>
    html`<div class="card"><h3>${name}</h3><p>${value}</p><small>${note}</small></div>`;
  return html`
<section class="cards">
${card("Pods", String(pods.length), tenantsSaid(pods))}
${card("Earned", money(earnings.paid), `${money(earnings.owed)} metered and not paid yet${stake === undefined ? "" : `; ${money(stake.balance)} can be withdrawn`}`)}
${stake === undefined ? card("Stake", "not known", "the chain is not reached") : card("Stake free", money(stake.free), stakeSaid(stake, money))}
</section>
<section><h2>Capacity</h2>${capacity.map(capacityLine)}</section>
<section><h2>Alerts</h2>${alerts.length === 0 ? html`<p class="none">Nothing to look at.</p>` : html`<ul>${alerts.map(({ atMs, text }) => html`<li><time>${timeOf(atMs)}</time> ${text}</li>`)}</ul>`}</section>
<section><h2>Tenants</h2>${tenants(pods, { money, nowMs })}</section>
<section><h2>What operators did</h2>${acts.length === 0 ? html`<p class="none">Nothing yet.</p>` : html`<ul>${acts.map(({ atMs, who, what, outcome }) => html`<li class="${outcome}"><time>${timeOf(atMs)}</time> ${who}: ${what} <i>${outcome}</i></li>`)}</ul>`}</section>`;
}

function stakeSaid({ locked, unbonding, unbondedAt }: StakeView, money: (amount: bigint) => string): string {
  const leaving = unbonding === 0n ? "none" : `${money(unbonding)}, at ${timeOf(unbondedAt * 1_000)}`;
  return `${money(locked)} locked for leases; leaving: ${leaving}`;
}

function capacityLine({ resource, unit, total, free }: CapacityLine): Html {
  const held = total - free;
  const share = total === 0n ? 0 : Number((held * 100n) / total);
  return html`<div class="bar"><span>${resource}</span><meter min="0" max="100" high="90" value="${share}">${share} %</meter><span>${held} of ${total} ${unit}</span></div>`;
}

function tenants(
  pods: readonly TenantLine[],
  { money, nowMs }: { money: (amount: bigint) => string; nowMs: number },
): Html {
  if (pods.length === 0) return html`<p class="none">No pods.</p>`;
  return html`<div class="wide"><table><thead><tr><th>Pod</th><th>Publisher</th><th>Lease</th><th>State</th><th>Copies</th><th>Paid</th><th>Owed</th><th>Funds last</th></tr></thead><tbody>
${pods.map(
  (
    pod,
  ) => html`<tr><td>${pod.name}</td><td><code title="${pod.publisher}">${shortHex(pod.publisher)}</code></td><td><code title="${pod.lease}">${shortHex(pod.lease)}</code></td>
<td>${pod.state}${pod.why === "" ? "" : html` <small>${pod.why}</small>`} <small>${pod.stage}${pod.endsAt === 0 ? "" : html` until ${timeOf(pod.endsAt * 1_000)}`}</small></td><td>${pod.copies}</td><td>${money(pod.paid)}</td><td>${money(pod.owed)}</td><td>${lasts(pod.fundsUntil, nowMs)}</td></tr>`,
)}</tbody></table></div>`;
}

function tenantsSaid(pods: readonly TenantLine[]): string {
  const { size } = new Set(pods.map(({ publisher }) => publisher));
  return size === 1 ? "of one tenant" : `of ${size} tenants`;
}

function button(act: string, name: string, about: string): Html {
  return html`<button name="act" value="${act}" title="${about}">${name}</button>`;
}
