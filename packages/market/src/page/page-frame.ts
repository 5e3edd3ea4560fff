import { type Html, html } from "./html.ts";

/** A page as a whole. */
export interface FramedPage {
  readonly title: string;
  readonly body: Html;
  /** Seconds after which a browser without scripts is to load it anew. Default: never. */
  readonly againS?: number;
}

/** What a page is of. */
export interface PageFacts {
  /** Its name, such as `Orrery provider`. */
  readonly name: string;
  /** What serves it, such as `orrery provider up`: it printed the token, and is started anew where it ended. */
  readonly command: string;
}

/** The text of a page, with what all pages have. */
export function frame({ title, body, againS }: FramedPage, { name, command }: PageFacts): string {
  const again =
    againS === undefined ? undefined : html`<noscript><meta http-equiv="refresh" content="${againS}"></noscript>`;
  return `<!doctype html>\n${
    html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title === name ? name : `${title} · ${name}`}</title><link rel="stylesheet" href="/page.css"><script src="/page.js" defer></script>${again}</head><body>
<p id="gone" class="said bad" role="alert" hidden>This page is served no more: start <code>${command}</code> anew.</p>${body}</body></html>`
      .html
  }\n`;
}

/** What somebody sees who is not logged in. */
export function loginBody({ name, command }: PageFacts, why: string): Html {
  return html`<main class="login"><h1>${name}</h1>${why === "" ? undefined : html`<p class="said bad" role="alert">${why}</p>`}
<form method="post" action="/login"><label for="token">Token: what stands behind <code>#</code> of the link that <code>${command}</code> printed</label>
<input id="token" name="token" type="password" autocomplete="off" autofocus required><button class="main">Log in</button></form></main>`;
}
