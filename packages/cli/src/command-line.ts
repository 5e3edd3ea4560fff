import type { Terminal } from "./terminal.ts";

/** How this command is called here: `npx orrery` where npm has started it. */
export function ownName(terminal: Terminal): string {
  return terminal.env["npm_execpath"] === undefined ? "orrery" : "npx orrery";
}

/** Writes a line that a shell runs as it is: this command with some words. */
export function commandLine(terminal: Terminal, words: readonly string[]): string {
  return [ownName(terminal), ...words.map(quote)].join(" ");
}

function quote(word: string): string {
  return /^[\w./=:,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
