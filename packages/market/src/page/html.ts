/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

/** What may be put into HTML; undefined is nothing. */
type Part = Html | string | number | bigint | readonly Html[] | undefined;

/** Makes HTML; what is put in is text, and never read as HTML, unless it was made by this. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.reduce((whole, text, at) => `${whole}${said(parts[at - 1])}${text}`) };
}

function said(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "object") return "html" in part ? part.html : part.map((one) => one.html).join("");
  return String(part).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
