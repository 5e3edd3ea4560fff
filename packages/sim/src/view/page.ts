import { PAGE_HTML } from "../gen/page.ts";
import { pageDataOf } from "./page-data.ts";
import type { Recording } from "./recording.ts";

/** Where the page has its run. */
const SLOT = '"__RUN__"';

/**
 * Writes a run as one HTML page that needs nothing else: nodes on a plane, messages under way, a scrubber over virtual time, what was down
 * or cut, and what led to a message that is clicked. Keys are listed by `?`. Append `#t=503.4` to open it at that many ms.
 */
export function toPage(recording: Recording): string {
  // A "<" in data could end the script that carries it.
  const data = JSON.stringify(pageDataOf(recording)).replaceAll("<", "\\u003c");
  const { scenario, seed } = recording;
  const title = `${scenario === "" ? "A run" : scenario}, seed ${seed}`
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;");
  const [before = "", after = ""] = PAGE_HTML.split(SLOT);
  return `${before.replace("<title>Orrery", () => `<title>${title} · Orrery`)}${data}${after}`;
}
