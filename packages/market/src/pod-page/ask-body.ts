import { type Html, html } from "../page/html.ts";
import type { LeaseRecord } from "../publisher/lease-record.ts";
import { podPath } from "./page-world.ts";

/** What is asked before it is done, and what it means. */
export const ASKED = {
  delete: {
    title: "Delete",
    text: "The provider ends the pod at once, and its volumes with all that is in them. The lease gets its notice; what is not used of the deposit comes back when the notice is over.",
  },
  close: {
    title: "Give notice",
    text: "The lease ends by its notice, and the pod with it. What is not used of the deposit comes back when it is over.",
  },
} as const;

/** Asks whether an end is meant. */
export function askBody({ lease, pod, provider }: LeaseRecord, act: keyof typeof ASKED): Html {
  const { title, text } = ASKED[act];
  return html`<main class="narrow"><h1>${title}: ${pod}?</h1><p>${text}</p><p>Lease <code>${lease}</code> at <code>${provider.url}</code></p>
<form method="post" action="${podPath(lease)}/act" class="acts"><button class="danger" name="act" value="${act}">${title}</button><a class="button" href="${podPath(lease)}">Leave it</a></form></main>`;
}
