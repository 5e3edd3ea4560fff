import { readFileSync } from "node:fs";

/** One fenced block of the guide. */
export interface GuideBlock {
  readonly language: string;
  readonly text: string;
}

/** One step of the guide: its title, and its blocks in order. */
export interface GuideStep {
  readonly title: string;
  readonly blocks: readonly GuideBlock[];
}

const GUIDE = new URL("../../../docs/guide/ladder.md", import.meta.url);

/** Reads the steps of the guide: every part under a heading of the second level. */
export function readGuide(): readonly GuideStep[] {
  const [, ...parts] = readFileSync(GUIDE, "utf8").split(/^## /m);
  return parts.map((part) => {
    const blocks = [...part.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
    return {
      title: part.slice(0, part.indexOf("\n")),
      blocks: blocks.map(([, language = "", text = ""]) => ({ language, text })),
    };
  });
}

/** The file that a block shows: its name from the first line, and its text from the rest; nothing for other blocks. */
export function fileOf({ text }: GuideBlock): { readonly name: string; readonly text: string } | undefined {
  const [, name, rest] = /^(?:\/\/|#) file: (\S+)\n(.*)$/s.exec(text) ?? [];
  return name === undefined || rest === undefined ? undefined : { name, text: rest };
}

/** A command of a step, and the host that it is typed on. */
export interface GuideCommand {
  readonly words: readonly string[];
  /** IP address from the comment above it; empty for this host. */
  readonly host: string;
}

/** The commands of a step in order. */
export function commandsOf({ blocks }: GuideStep): readonly GuideCommand[] {
  let host = "";
  return blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.trim().split("\n"))
    .flatMap((line) => {
      const place = /^# on (\S+)$/.exec(line)?.[1];
      if (place !== undefined) host = place;
      return place === undefined ? [{ words: line.split(" "), host }] : [];
    });
}

/** What the last command of a step prints. */
export function outputOf({ blocks }: GuideStep): string {
  return blocks.findLast((block) => block.language === "text" && fileOf(block) === undefined)?.text ?? "";
}
