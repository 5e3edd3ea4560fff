/** A text with places to fill: texts, and names of what a path pattern caught, in turn. */
export type Template = readonly TemplatePart[];

/** A piece of a template. */
export type TemplatePart = string | { readonly name: string };

const PLACE = /\{([a-z][A-Za-z0-9]*)\}/;

/** Reads `{name}` as a place to fill; all else is text, a lone `{` too. */
export function parseTemplate(text: string): Template {
  return text
    .split(PLACE)
    .map((part, index) => (index % 2 === 1 ? { name: part } : part))
    .filter((part) => part !== "");
}

/** The names that a template has places for. */
export function namesIn(template: Template): readonly string[] {
  return template.flatMap((part) => (typeof part === "string" ? [] : [part.name]));
}

/** Fills the places. */
export function fillTemplate(template: Template, caught: (name: string) => string): string {
  return template.map((part) => (typeof part === "string" ? part : caught(part.name))).join("");
}
