import { type Html, html } from "../page/html.ts";
import { filePath } from "./page-world.ts";
import type { PodFileFact } from "./pod-files.ts";

/** What was typed into the form of a new pod file. */
export interface NewFields {
  readonly file: string;
  readonly image: string;
  readonly name: string;
  readonly http: string;
  readonly host: string;
  readonly cpu: string;
  readonly memory: string;
}

/** What the page of all pod files shows. */
export interface FilesView {
  readonly folder: string;
  readonly files: readonly PodFileFact[];
  readonly said: Html;
  readonly fields: NewFields;
}

/** What stands in the form at first. @param files those that are there */
export function newFields(files: readonly PodFileFact[]): NewFields {
  const file = files.some((one) => one.file === "pod.yaml") ? "" : "pod.yaml";
  return { file, image: "", name: "", http: "8080", host: "", cpu: "100m", memory: "128MiB" };
}

/** The page of all pod files: those that there are, a new one, and one of a compose file. */
export function filesBody({ folder, files, said, fields }: FilesView): Html {
  return html`<main><h1>Pod files</h1>${said}<p class="none">In <code>${folder}</code></p>
${files.length === 0 ? html`<p class="none">There is none yet. Make one below: it says what runs, and what is held for it.</p>` : html`<ul class="files">${files.map(fileLine)}</ul>`}
<div class="forms"><section class="card"><h2>New</h2>${newForm(fields)}</section><section class="card"><h2>From a compose file</h2>${importForm()}</section></div></main>`;
}

function fileLine(fact: PodFileFact): Html {
  if (fact.kind === "compose")
    return html`<li><code>${fact.file}</code> <span>is a compose file</span> <form method="post" action="/files/import"><input type="hidden" name="from" value="${fact.file}"><button>Import</button></form></li>`;
  const { file, check } = fact;
  const count = check.kind === "good" ? 0 : check.mistakes.length;
  const how =
    check.kind === "good"
      ? html`<span>pod ${check.pod.name}</span>`
      : html`<span class="bad">${count === 1 ? "a mistake" : `${count} mistakes`}: line ${check.mistakes[0]?.line ?? 1}</span>`;
  return html`<li><a href="${filePath(file)}"><code>${file}</code></a> ${how}</li>`;
}

function newForm(fields: NewFields): Html {
  const field = (name: keyof NewFields, label: string, more: { readonly hint: string; readonly isNeeded?: boolean }) =>
    html`<label>${label}<input name="${name}" value="${fields[name]}" placeholder="${more.hint}"${more.isNeeded === true ? html` required` : undefined}></label>`;
  return html`<form method="post" action="/files/new" class="fields">
${field("image", "Image: a folder beside the file, or an image in a registry", { hint: "./web", isNeeded: true })}
${field("http", "Port at which it answers HTTP; empty for none", { hint: "8080" })}
${field("host", "Host by which it is asked", { hint: "NAME.test" })}
${field("name", "Name of the pod", { hint: "that of the image" })}
${field("cpu", "Cores that are held", { hint: "100m" })}
${field("memory", "Memory that is held", { hint: "128MiB" })}
${field("file", "File", { hint: "NAME.yaml" })}
<button class="main">Write it</button></form>`;
}

function importForm(): Html {
  return html`<form method="post" action="/files/import" enctype="multipart/form-data" class="fields">
<label>Compose file<input type="file" name="upload" accept=".yaml,.yml"></label>
<label>or its text<textarea name="compose" rows="6" spellcheck="false" placeholder="services:"></textarea></label>
<label>Name of the pod<input name="name" placeholder="what the file says"></label>
<label>Pod file to write<input name="file" placeholder="NAME.yaml"></label>
<button>Import</button></form>`;
}
