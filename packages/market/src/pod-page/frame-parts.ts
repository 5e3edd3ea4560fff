import { type Html, html } from "../page/html.ts";
import type { PageAnswer } from "../page/page-answer.ts";
import { shortHex } from "../page/page-words.ts";
import type { Task } from "./tasks.ts";

/** Its name. */
export const POD_PAGE_NAME = "Orrery pods";

/** What every page of it has. */
export interface PodPageParts {
  readonly title: string;
  /** The part of the page where it stands. */
  readonly at: "pods" | "files";
  readonly account: string;
  readonly body: Html;
  /** Default: 200. */
  readonly status?: number;
  /** Seconds after which browsers without scripts load it anew. Default: never. */
  readonly againS?: number;
}

/** A page with its heading. */
export function podPage({ title, at, account, body, status = 200, againS }: PodPageParts): PageAnswer {
  const link = (to: string, name: string, isHere: boolean) =>
    isHere ? html`<a href="${to}" aria-current="page">${name}</a>` : html`<a href="${to}">${name}</a>`;
  return {
    ...{ kind: "page", status, title: title === "" ? POD_PAGE_NAME : title },
    ...(againS !== undefined && { againS }),
    body: html`<header class="top"><b>${POD_PAGE_NAME}</b><nav>${link("/", "Pods", at === "pods")}${link("/files", "Pod files", at === "files")}</nav>
<form method="post" action="/logout"><code title="${account}">${shortHex(account)}</code> <button>Log out</button></form></header>${body}`,
  };
}

/** What came of something, in words. */
export function said(text: string, how: "good" | "warn" | "bad" = "good"): Html {
  return text === "" ? html`` : html`<p class="said ${how}" role="${how === "bad" ? "alert" : "status"}">${text}</p>`;
}

/** A state, coloured by what it means; never by colour alone. */
export function badge(text: string, how: "good" | "warn" | "bad" | "soft"): Html {
  return html`<span class="badge ${how}">${text}</span>`;
}

/** Names and values below one another. */
export function facts(rows: readonly (readonly [name: string, value: Html | string] | undefined)[]): Html {
  return html`<dl>${rows.flatMap((row) => (row === undefined ? [] : [html`<div><dt>${row[0]}</dt><dd>${row[1]}</dd></div>`]))}</dl>`;
}

/** Tasks that are under way, as links. */
export function tasksSaid(tasks: readonly Task<unknown>[]): Html {
  if (tasks.length === 0) return html``;
  const links = tasks.map(
    ({ id, title, steps }) => html`<li><a href="/tasks/${id}">${title}</a> <small>${steps.at(-1) ?? ""}</small></li>`,
  );
  return html`<section><h2>Under way</h2><ul>${links}</ul></section>`;
}
