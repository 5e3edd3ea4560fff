import { printAmounts } from "../meter/prices.ts";
import { type Html, html } from "../page/html.ts";
import type { PodCheck, PodMistake } from "../pod/check-pod.ts";
import { printImageName } from "../pod/image-name.ts";
import { reservedBy } from "../pod/pod-amounts.ts";
import { filePath } from "./page-world.ts";

/** What the page of one pod file shows. */
export interface FileView {
  readonly file: string;
  readonly text: string;
  /** Of what the file had when it was opened. */
  readonly was: string;
  readonly check: PodCheck;
  /** What the file names and is not there. */
  readonly missing: readonly string[];
  readonly said: Html;
  readonly providers: Readonly<Record<string, string>>;
}

/** The page of one pod file. */
export function fileBody({ file, text, was, check, missing, said, providers }: FileView): Html {
  const [first = ""] = Object.values(providers);
  const known = Object.entries(providers).map(([name, url]) => html`<option value="${url}">${name}</option>`);
  return html`<main><h1><code>${file}</code></h1>${said}
<form method="post" action="${filePath(file)}"><input type="hidden" name="was" value="${was}">
<div class="editor" data-check="/check"><div class="marks" aria-hidden="true">${marks(text, check)}</div>
<textarea name="text" aria-label="Text of ${file}" aria-describedby="told" rows="${rowsOf(text)}" wrap="off" spellcheck="false" autocapitalize="off">${`\n${text}`}</textarea></div>
<div id="told" role="status">${told(text, { file, check, missing })}</div>
<p class="acts"><button name="act" value="save">Save</button><button name="act" value="check">Check</button></p>
<h2>Deploy it</h2><p class="none">Ask a provider for a price first: nothing is sent or paid by that.</p>
<p class="acts"><label>Provider <input name="provider" type="url" size="32" list="providers" value="${first}" placeholder="https://provider.test"></label><datalist id="providers">${known}</datalist>
<button class="main" name="act" value="price">Save, and ask for a price</button></p></form></main>`;
}

/** What is beside the text while somebody types: marks of lines, and what is wrong. */
export function checkedPart(text: string, facts: Pick<FileView, "file" | "check" | "missing">): Html {
  return html`<div data-marks>${marks(text, facts.check)}</div><div data-told>${told(text, facts)}</div>`;
}

function rowsOf(text: string): number {
  return Math.max(8, text.split("\n").length);
}

/** Numbers of lines; beside one with a mistake what is wrong. */
function marks(text: string, check: PodCheck): readonly Html[] {
  const mistakes = check.kind === "bad" ? check.mistakes : [];
  return Array.from({ length: rowsOf(text) }, (_, at) => {
    const here = mistakes.filter(({ line }) => line === at + 1);
    const why = here.map(({ why: one }) => one).join(" · ");
    return here.length === 0
      ? html`<div>${at + 1}</div>`
      : html`<div class="bad">${at + 1}<span class="note" title="${why}">${why}</span></div>`;
  });
}

function told(text: string, { file, check, missing }: Pick<FileView, "file" | "check" | "missing">): Html {
  if (check.kind === "good")
    return html`${valid(file, check)}${missing.map((why) => html`<p class="said warn">${why}</p>`)}`;
  const lines = text.split("\n");
  const count = check.mistakes.length;
  return html`<p class="said bad">${count === 1 ? "A mistake" : `${count} mistakes`} in ${file}</p><ol class="mistakes">${check.mistakes.map((one) => mistake(one, lines))}</ol>`;
}

function valid(file: string, { pod }: Extract<PodCheck, { kind: "good" }>): Html {
  const containers = pod.containers.map(({ name, image, ports }) => {
    const open = ports.map((port) =>
      port.protocol === "http" ? `http://${port.host} at ${port.port}` : `${port.protocol} ${port.port}`,
    );
    return `${name}: ${printImageName(image)}${open.length === 0 ? "" : `, ${open.join(", ")}`}`;
  });
  return html`<p class="said">${`${file} is valid: pod "${pod.name}", ${pod.replicas === 1 ? "one copy" : `${pod.replicas} copies`}\n${containers.join("\n")}\nheld for it: ${printAmounts(reservedBy(pod))}`}</p>`;
}

/** Letters of a line that are shown around a mistake. */
const AROUND = 120;

function mistake({ line, column, why }: PodMistake, lines: readonly string[]): Html {
  const from = Math.max(0, column - 1 - AROUND / 2);
  const shown = (lines[line - 1] ?? "").slice(from, from + AROUND).replaceAll("\t", " ");
  return html`<li><a href="#told" data-line="${line}" data-column="${column}">Line ${line}, column ${column}</a>: ${why}<pre>${`${shown}\n${" ".repeat(column - 1 - from)}^`}</pre></li>`;
}
