import { sourceFault } from "@orrery/registry/service";

/** One command of a script. */
export interface ScriptLine {
  readonly words: readonly string[];
  /** Line of the script on which it begins, from 1. */
  readonly line: number;
}

/**
 * Splits a script into commands and words, as a shell does: blanks part words, `;` and the end of a line end a command, `#` at the start of a word
 * begins a comment. Quotes hold a word together; so do braces, which stay as they are with all that is in them, over lines too.
 * @throws OrreryError `invalid_argument` with a caret under a quote or brace that does not end
 */
export function splitScript(text: string): readonly ScriptLine[] {
  const lines: ScriptLine[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let [line, begun] = [1, 1];
  const endWord = () => {
    if (word === undefined) return;
    if (words.length === 0) begun = line;
    words.push(word);
    word = undefined;
  };
  const endCommand = () => {
    endWord();
    if (words.length > 0) lines.push({ words, line: begun });
    words = [];
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? "";
    if (sign === "\n" || sign === ";") endCommand();
    if (sign === "\n") line++;
    if (sign === "\n" || sign === ";") continue;
    if (/\s/.test(sign)) endWord();
    else if (sign === "#" && word === undefined) at = endOfLine(text, at) - 1;
    else {
      if (word === undefined && words.length === 0) begun = line;
      const part = readPart(text, at);
      word = (word ?? "") + part.text;
      line += text.slice(at, part.end).split("\n").length - 1;
      at = part.end - 1;
    }
  }
  endCommand();
  return lines;
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at === -1 ? text.length : at;
}

/** Reads one sign of a word, or all that a quote or brace holds together. */
function readPart(text: string, at: number): { readonly text: string; readonly end: number } {
  const sign = text[at] ?? "";
  if (sign === "\\") return { text: text[at + 1] ?? "", end: at + 2 };
  if (sign === "{") {
    const end = endOfBraces(text, at);
    return { text: text.slice(at, end), end };
  }
  if (sign !== "'" && sign !== '"') return { text: sign, end: at + 1 };
  const end = endOfQuote(text, at);
  const inside = text.slice(at + 1, end - 1);
  return { text: sign === '"' ? inside.replace(/\\(["\\])/g, "$1") : inside, end };
}

function endOfQuote(text: string, at: number): number {
  const quote = text[at];
  for (let end = at + 1; end < text.length; end++) {
    if (quote === '"' && text[end] === "\\") end++;
    else if (text[end] === quote) return end + 1;
  }
  throw unended(text, at, `this ${quote} has no other that ends it`);
}

function endOfBraces(text: string, at: number): number {
  let depth = 0;
  for (let end = at; end < text.length; end++) {
    const sign = text[end];
    if (sign === '"' || sign === "'") end = endOfQuote(text, end) - 1;
    else if (sign === "{") depth++;
    else if (sign === "}" && --depth === 0) return end + 1;
  }
  throw unended(text, at, "this { has no } that ends it");
}

/** Shows the line that it is on, not the whole script. */
function unended(text: string, at: number, why: string) {
  const from = text.lastIndexOf("\n", at) + 1;
  const line = text.slice(from, endOfLine(text, at));
  return sourceFault({ action: "Cannot split", text: line, offset: at - from, why });
}
