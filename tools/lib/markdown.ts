/** A fenced block of code in a page. */
export interface CodeBlock {
  /** First word after the fence: "ts", "sh"; "" when there is none. */
  readonly language: string;
  /** What follows the language after the fence, trimmed. */
  readonly info: string;
  /** Line of the block's first line of code, counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** A link of a page, as written. */
export interface Link {
  readonly target: string;
  /** Counted from 1. */
  readonly line: number;
}

interface Fence {
  readonly mark: string;
  readonly words: string;
  readonly line: number;
  readonly indent: number;
}

/** Lists the fenced blocks of a page, in order; a block in a list loses its indentation. */
export function codeBlocks(page: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: Fence | undefined;
  let inside: string[] = [];
  for (const [index, line] of page.split("\n").entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line);
    if (open === undefined) {
      if (fence === null) continue;
      open = { mark: fence[2] ?? "", words: fence[3] ?? "", line: index + 2, indent: fence[1]?.length ?? 0 };
      inside = [];
    } else if (fence !== null && fence[3] === "" && fence[2]?.startsWith(open.mark)) {
      blocks.push(closeBlock(open, inside));
      open = undefined;
    } else {
      inside.push(line);
    }
  }
  return blocks;
}

function closeBlock(open: Fence, lines: readonly string[]): CodeBlock {
  const [language = "", ...info] = open.words.split(/\s+/);
  const text = lines.map((line) => line.replace(new RegExp(`^\\s{0,${open.indent}}`), "")).join("\n");
  return { language, info: info.join(" "), line: open.line, text };
}

/** Lists the links and images of a page outside code. */
export function linksOf(page: string): Link[] {
  return proseLines(page).flatMap(({ text, line }) => {
    const found = text.replace(/`[^`]*`/g, "").matchAll(/\]\(([^()\s]*(?:\([^()]*\)[^()\s]*)*)(?:\s+"[^"]*")?\)/g);
    return [...found].map((match) => ({ target: match[1] ?? "", line }));
  });
}

/** The anchors that a page's headings make, as GitHub makes them. */
export function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of proseLines(page)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    let name = slug;
    for (let count = 1; anchors.has(name); count += 1) name = `${slug}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

/** Lines of a page that are not in a fenced block. */
function proseLines(page: string): { text: string; line: number }[] {
  const code = new Set(
    codeBlocks(page).flatMap((block) => block.text.split("\n").map((_, index) => block.line + index)),
  );
  const lines = page.split("\n").map((text, index) => ({ text, line: index + 1 }));
  return lines.filter(({ line }) => !code.has(line));
}
