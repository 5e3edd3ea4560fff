import { printAmount, printBillionths } from "../amounts.ts";
import type { TokenFacts } from "../chain/evm/read-token.ts";
import type { PodStatus } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import { type Html, html } from "../page/html.ts";
import { lasts, shortHex, timeOf } from "../page/page-words.ts";
import type { LeaseRecord } from "../publisher/lease-record.ts";
import { badge, facts, said, tasksSaid } from "./frame-parts.ts";
import { POD_REFRESH_S } from "./limits.ts";
import type { Balances, PodSight } from "./look-at-pods.ts";
import { type Outcome, podPath } from "./page-world.ts";
import type { Task } from "./tasks.ts";

/** What the first page shows. */
export interface ListView {
  readonly sights: readonly PodSight[];
  readonly balances: Balances | string;
  readonly tasks: readonly Task<Outcome>[];
  /** Leases that are over, the newest first. */
  readonly over: readonly LeaseRecord[];
  readonly token: TokenFacts;
  readonly nowMs: number;
}

/** The first page: all pods, and money. */
export function listBody(view: ListView, saidText: string): Html {
  return html`<main><h1>Pods</h1>${said(saidText)}<div data-live="/live" data-every="${POD_REFRESH_S}">${listSections(view)}</div>
<p class="acts"><a class="button main" href="/files">${view.sights.length === 0 ? "Write a pod file, or import one" : "Deploy another"}</a></p></main>`;
}

/** What of it changes by itself. */
export function listSections({ sights, balances, tasks, over, token, nowMs }: ListView): Html {
  const pods =
    sights.length === 0
      ? html`<p class="none">You have no pods. Write a pod file or import a compose file, ask for a price, and deploy it: nothing is paid before you say so.</p>`
      : html`<div class="pods">${sights.map((sight) => podCard(sight, { token, nowMs }))}</div>`;
  return html`${tasksSaid(tasks)}<section>${pods}</section><section><h2>Money</h2>${money(balances, sights, token)}</section>${
    over.length === 0
      ? undefined
      : html`<details><summary>${over.length} that are over</summary><ul>${over.map(({ lease, pod, openedAtMs }) => html`<li><a href="${podPath(lease)}">${pod}</a> <code>${shortHex(lease)}</code> <time>${timeOf(openedAtMs)}</time></li>`)}</ul></details>`
  }`;
}

/** Whether a pod is well, in a word. */
export function healthOf({ status, lease, record }: PodSight): Html {
  if (record.step === "ended") return badge("over", "soft");
  const stage = typeof lease === "string" ? "" : lease.state.stage;
  if (typeof status === "string") return badge(stage === "" || stage === "Active" ? "not reached" : stage, "bad");
  if (status.state === "running" && stage !== "Closing")
    return status.healthy ? badge("healthy", "good") : badge("not healthy", "bad");
  return badge(
    stage === "Closing" && status.state === "running" ? "notice given" : status.state,
    status.state === "failed" ? "bad" : "warn",
  );
}

/** Where a pod answers. What a provider says is a link only where it is one of the web. */
export function addressesOf({ addresses }: PodStatus): readonly Html[] {
  return addresses.map(({ protocol, address }) =>
    protocol === "http" && /^https?:\/\//.test(address)
      ? html`<a href="${address}" rel="noreferrer"><code>${address}</code></a> `
      : html`<code>${protocol} ${address}</code> `,
  );
}

function podCard(sight: PodSight, { token, nowMs }: Pick<ListView, "token" | "nowMs">): Html {
  const { record, status, lease } = sight;
  const why = typeof status === "string" ? status : status.why;
  const rows =
    typeof status === "string"
      ? []
      : [
          [
            "Copies",
            `${status.replicas.filter(({ state }) => state === "running").length} of ${status.replicas.length} run`,
          ] as const,
          status.addresses.length === 0 ? undefined : (["Answers at", html`${addressesOf(status)}`] as const),
          ["Costs", `${printBillionths(BigInt(status.hourly || "0"), token)} an hour`] as const,
          ["Money lasts", lasts(Number(status.fundsUntil), nowMs)] as const,
        ];
  const left =
    typeof lease === "string"
      ? undefined
      : (["Left of the deposit", printAmount(lease.money.remaining, token)] as const);
  return html`<article class="card pod"><h2><a href="${podPath(record.lease)}">${record.pod}</a> ${healthOf(sight)}</h2>${why === "" ? undefined : html`<p class="why">${why}</p>`}
${facts([...rows, left, ["At", html`<code>${record.provider.url}</code>`]])}</article>`;
}

function money(balances: Balances | string, sights: readonly PodSight[], token: TokenFacts): Html {
  if (typeof balances === "string") return said(`The chain is not reached: ${balances}`, "bad");
  const inLeases = sights.reduce(
    (sum, { lease }) => sum + (typeof lease === "string" ? 0n : lease.money.remaining),
    0n,
  );
  const card = (name: string, units: bigint, note: string, more?: Html) =>
    html`<div class="card"><h3>${name}</h3><p>${printAmount(units, token)}</p><small>${note}</small>${more}</div>`;
  const withdraw = html`<form method="post" action="/withdraw" class="acts"><button>Bring it to the wallet</button></form>`;
  return html`<div class="cards">${card("Wallet", balances.wallet, "pays deposits")}${card("Leases", inLeases, "put in, and not used yet")}${card("Contract", balances.held, "came back, and is used first by the next lease", balances.held > 0n ? withdraw : undefined)}</div>`;
}
