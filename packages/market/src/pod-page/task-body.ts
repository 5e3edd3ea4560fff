import { printAmount, printBillionths } from "../amounts.ts";
import type { TokenFacts } from "../chain/evm/read-token.ts";
import { type Html, html } from "../page/html.ts";
import { timeOf } from "../page/page-words.ts";
import { depositFor } from "../publisher/deposit-for.ts";
import { whoLearns } from "../publisher/who-learns.ts";
import { perHourOf } from "../quote/quote.ts";
import { quoteLines } from "../quote/quote-lines.ts";
import { facts, said } from "./frame-parts.ts";
import { TASK_REFRESH_S } from "./limits.ts";
import { filePath, type Outcome, podPath } from "./page-world.ts";
import type { Task } from "./tasks.ts";

/** The page of something that takes its time, and of what came of it. */
export function taskBody(task: Task<Outcome>, token: TokenFacts): Html {
  const live =
    task.state.kind === "going" ? html` data-live="/tasks/${task.id}/live" data-every="${TASK_REFRESH_S}"` : undefined;
  return html`<main><h1>${task.title}</h1><div${live}>${taskSections(task, token)}</div></main>`;
}

/** What of it changes by itself. */
export function taskSections(task: Task<Outcome>, token: TokenFacts): Html {
  const { state, steps, back, isAct } = task;
  const list = html`<ol class="steps">${steps.map((step) => html`<li>${step}</li>`)}</ol>`;
  if (state.kind === "going") return html`${list}<p class="busy" role="status">Under way…</p>`;
  const leave = html`<p><a class="button" href="${back}">Back</a></p>`;
  if (state.kind === "failed") {
    const more =
      state.isDefinite || !isAct
        ? undefined
        : html`<p>Whether it was done is not known: look before you do it again.</p>`;
    return html`<div data-next=""></div>${list}${said(state.why, "bad")}${more}${leave}`;
  }
  const { outcome } = state;
  switch (outcome.kind) {
    case "said": {
      const next = `${outcome.next}?task=${task.id}`;
      return html`<div data-next="${next}"></div>${list}${said(outcome.text)}<p><a class="button main" href="${next}">Go on</a></p>`;
    }
    case "quote":
      return html`<div data-next=""></div>${quoted(task, outcome, token)}`;
    default:
      return html`<div data-next=""></div>${planned(task, outcome)}`;
  }
}

function quoted({ id, next }: Task<Outcome>, outcome: Extract<Outcome, { kind: "quote" }>, token: TokenFacts): Html {
  const { asked, prepared, url, file } = outcome;
  const { quote, faults, verdict, evidence, stake } = asked;
  const { terms } = quote;
  const hour = perHourOf(terms);
  const rows = quoteLines(quote).map(
    ({ resource, amount, unit, price, isHeld, perHour }) =>
      html`<tr><td>${resource}</td><td>${amount} <small>${unit}</small></td><td>${printBillionths(price, token)} <small>a unit${isHeld ? " and second" : ""}</small></td><td>${printBillionths(perHour, token)}${isHeld ? undefined : html` <small>at most</small>`}</td></tr>`,
  );
  const amount = (units: bigint) => printAmount(units, token);
  const learns = whoLearns(prepared.sealed);
  return html`${faults.length === 0 ? said("Quote and evidence are good. Nothing was sent or paid.") : said(`Not to be taken:\n${faults.join("\n")}\nNothing was sent or paid.`, "bad")}
${verdict.warnings.map((warning) => said(warning, "warn"))}
<section><h2>What it costs</h2>${facts([
    ["Provider", html`<code>${url}</code> <code>${terms.provider}</code>`],
    [
      "An hour",
      `${printBillionths(hour.reserved, token)}; with all that may be used ${printBillionths(hour.atMost, token)}`,
    ],
    ["Good until", timeOf(terms.expires * 1_000)],
    [
      "At stake",
      `${amount(terms.bond)} for this lease, of ${stake === undefined ? "an unknown stake" : amount(stake)} that is free`,
    ],
    [
      "Evidence",
      `kind ${evidence.kind}, ${evidence.measurements.length === 1 ? "one measurement" : `${evidence.measurements.length} measurements`}`,
    ],
  ])}<div class="wide"><table><thead><tr><th>Resource</th><th>How much</th><th>Price</th><th>An hour</th></tr></thead><tbody>${rows}</tbody></table></div></section>
<section><h2>Who learns what</h2>${facts([["Everybody", learns.everybody], ["The provider", learns.provider], ["The pod alone", learns.pod], ...prepared.notes.map((note) => ["Pinned", note] as const)])}</section>
${next !== undefined ? html`<p><a class="button" href="/tasks/${next}">What came of it</a></p>` : faults.length > 0 ? undefined : deployForm(id, outcome, token)}
<p><a href="${filePath(file)}">Back to ${file}</a></p>`;
}

/** Times for which it is said how much they cost at most. */
const TIMES = [
  ["an hour", 3_600],
  ["a day", 86_400],
  ["30 days", 30 * 86_400],
] as const;

function deployForm(id: string, { asked }: Extract<Outcome, { kind: "quote" }>, token: TokenFacts): Html {
  const day = printAmount(depositFor(asked.quote, 86_400), token);
  const times = facts(
    TIMES.map(([name, seconds]) => [name, printAmount(depositFor(asked.quote, seconds), token)] as const),
  );
  return html`<section><h2>Deploy it</h2><p>A deposit is put in, and the provider is paid from it for what is proven. What is not used comes back when the lease ends. At the most that use may cost, it lasts</p>${times}
<form method="post" action="/tasks/${id}/go" class="acts"><label>Deposit in ${token.symbol} <input name="deposit" inputmode="decimal" size="12" value="${day.split(" ")[0] ?? ""}" required></label><button class="main">Pay it and deploy</button></form></section>`;
}

function planned(
  { id, next }: Task<Outcome>,
  { changes, file, record, deleteVolumes }: Extract<Outcome, { kind: "plan" }>,
): Html {
  const back = html`<a class="button" href="${podPath(record.lease)}">Leave it as it is</a>`;
  if (changes.length === 0) return html`${said(`${file} is what runs: nothing changes.`)}<p>${back}</p>`;
  const rows = changes.map(
    ({ what, from, to, needsRestart }) =>
      html`<tr><td>${what}</td><td>${from === "" ? "(none)" : from}</td><td>${to === "" ? "(none)" : to}</td><td>${needsRestart ? "restart" : "no restart"}</td></tr>`,
  );
  return html`<p>Nothing was changed yet. Copies are replaced one by one, each once the new one is well. An update that fails is rolled back: what ran goes on.</p>
<div class="wide"><table><thead><tr><th>What</th><th>From</th><th>To</th><th>Needs</th></tr></thead><tbody>${rows}</tbody></table></div>
${deleteVolumes.length === 0 ? undefined : said(`The content of ${deleteVolumes.join(", ")} goes for good.`, "warn")}
<form method="post" action="/tasks/${id}/go" class="acts">${next === undefined ? html`<button class="main">Change it</button>` : html`<a class="button" href="/tasks/${next}">What came of it</a>`}${back}</form>`;
}
