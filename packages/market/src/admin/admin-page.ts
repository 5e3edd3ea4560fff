import { formatUnits } from "viem";
import type { AdminAct } from "./audit.ts";
import { type Html, html } from "./html.ts";
import { ADMIN_REFRESH_S } from "./limits.ts";
import type { CapacityLine, Overview, TenantLine } from "./overview.ts";

/** What the page shows. */
export interface AdminView {
  readonly overview: Overview;
  readonly acts: readonly AdminAct[];
  /** What came of what was just done; empty for nothing. */
  readonly said: string;
  readonly nowMs: number;
}

/** The page of one who is logged in. */
export function adminPage(view: AdminView, nonce: string): string {
  const { overview, said } = view;
  const state =
    overview.closed === ""
      ? html`<b class="good">open for pods</b>`
      : html`<b class="warn">closed: ${overview.closed}</b>`;
  return page(
    nonce,
    html`
<header><h1>Orrery provider</h1><p>${state} · <code>${overview.account}</code> · ${overview.runtime} runtime · evidence ${overview.evidence} · gateway <code>${overview.gateway}</code></p>
<form method="post" action="/act">
${overview.closed === "" ? button("pause", "Pause", "Takes no new pods; what runs goes on") : button("resume", "Resume", "Takes new pods again")}
${button("drain", "Drain", "Takes no new pods, and gives notice for all leases")}
${button("logout", "Log out", "")}</form></header>
<main id="live">${said === "" ? "" : html`<p class="said" role="status">${said}</p>`}${sections(view)}</main>
<script nonce="${nonce}">
setInterval(async () => {
  const answer = await fetch("/live").catch(() => undefined);
  if (answer?.status === 401) location.reload();
  if (answer?.ok) document.getElementById("live").innerHTML = await answer.text();
}, ${ADMIN_REFRESH_S * 1_000});
</script>`,
  );
}

/** What of the page changes by itself. */
export function adminSections(view: AdminView): string {
  return sections(view).html;
}

/** The page of one who is not. */
export function loginPage(nonce: string, why = ""): string {
  return page(
    nonce,
    html`<main class="login"><h1>Orrery provider</h1>${why === "" ? "" : html`<p class="said" role="alert">${why}</p>`}
<form method="post" action="/login"><label for="token">Token, as <code>orrery provider up</code> printed it</label>
<input id="token" name="token" type="password" autocomplete="off" autofocus required><button>Log in</button></form></main>
<script nonce="${nonce}">
if (location.hash.length > 1) {
  document.getElementById("token").value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  document.forms[0].submit();
}
</script>`,
  );
}

function sections({ overview, acts, nowMs }: AdminView): Html {
  const { capacity, pods, stake, earnings, alerts, token } = overview;
  const money = (amount: bigint) => `${formatUnits(amount, token.decimals)} ${token.symbol}`;
  const card = (name: string, value: string, note: string) =>
    html`<div class="card"><h3>${name}</h3><p>${value}</p><small>${note}</small></div>`;
  return html`
<section class="cards">
${card("Pods", String(pods.length), tenantsSaid(pods))}
${card("Earned", money(earnings.paid), `${money(earnings.owed)} metered and not paid yet`)}
${stake === undefined ? card("Stake", "not known", "the chain is not reached") : card("Stake free", money(stake.free), `${money(stake.locked)} locked, ${money(stake.unbonding)} leaving`)}
</section>
<section><h2>Capacity</h2>${capacity.map(capacityLine)}</section>
<section><h2>Alerts</h2>${alerts.length === 0 ? html`<p class="none">Nothing to look at.</p>` : html`<ul>${alerts.map(({ atMs, text }) => html`<li><time>${timeOf(atMs)}</time> ${text}</li>`)}</ul>`}</section>
<section><h2>Tenants</h2>${tenants(pods, { money, nowMs })}</section>
<section><h2>What operators did</h2>${acts.length === 0 ? html`<p class="none">Nothing yet.</p>` : html`<ul>${acts.map(({ atMs, who, what, outcome }) => html`<li class="${outcome}"><time>${timeOf(atMs)}</time> ${who}: ${what} <i>${outcome}</i></li>`)}</ul>`}</section>`;
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
  ) => html`<tr><td>${pod.name}</td><td><code title="${pod.publisher}">${short(pod.publisher)}</code></td><td><code title="${pod.lease}">${short(pod.lease)}</code></td>
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

function short(hex: string): string {
  return `${hex.slice(0, 10)}…`;
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace("T", " ").concat(" UTC");
}

function lasts(untilS: number, nowMs: number): string {
  if (untilS === 0) return "not known";
  const left = untilS - nowMs / 1_000;
  if (left <= 0) return "used up";
  const [unit, seconds] =
    left < 7_200 ? (["min", 60] as const) : left < 172_800 ? (["h", 3_600] as const) : (["days", 86_400] as const);
  return `${Math.floor(left / seconds)} ${unit}`;
}

const STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1b1f24,#e6e8ea);--soft:light-dark(#5b6570,#9aa4ae);--line:light-dark(#d9dee3,#32383e);--face:light-dark(#fff,#16191c);--card:light-dark(#f6f8f9,#1e2226);--good:light-dark(#17703b,#5fd08b);--warn:light-dark(#9a5b00,#f0b35a)}
body{margin:0;background:var(--face);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
header,main{max-width:68rem;margin:0 auto;padding:1rem 1.5rem}
header{border-bottom:1px solid var(--line);display:flex;flex-wrap:wrap;gap:0 1rem;align-items:center;justify-content:space-between}
h1{font-size:1.25rem;margin:.2rem 0;flex-basis:100%}h2{font-size:1rem;margin:1.6rem 0 .5rem}h3{font-size:.8rem;margin:0;color:var(--soft);font-weight:600}
p{margin:.3rem 0}small,time,.none,i{color:var(--soft)}code{font-size:.85em;overflow-wrap:anywhere}
.good{color:var(--good)}.warn{color:var(--warn)}.refused i,.failed i{color:var(--warn)}
.said{border-left:3px solid var(--good);padding:.4rem .8rem;background:var(--card)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:1rem;margin-top:1rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem}.card p{font-size:1.35rem;font-variant-numeric:tabular-nums}
.bar{display:grid;grid-template-columns:5rem 1fr 14rem;gap:1rem;align-items:center;padding:.15rem 0}meter{width:100%}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600;font-size:.8rem}
ul{list-style:none;padding:0;margin:0}li{padding:.15rem 0}
button{font:inherit;padding:.35rem .9rem;border:1px solid var(--line);border-radius:6px;background:var(--card);color:inherit;cursor:pointer}button:hover{border-color:var(--soft)}
.login{max-width:26rem;margin-top:15vh}.login form{display:grid;gap:.6rem}input{font:inherit;padding:.5rem;border:1px solid var(--line);border-radius:6px;background:var(--card);color:inherit}
@media(max-width:40rem){.bar{grid-template-columns:4rem 1fr}.bar span:last-child{grid-column:2}}`;

function page(nonce: string, body: Html): string {
  const style = { html: STYLE };
  return `<!doctype html>\n${
    html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Orrery provider</title><style nonce="${nonce}">${style}</style></head><body>${body}</body></html>`
      .html
  }\n`;
}
