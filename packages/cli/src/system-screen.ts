import type { Screen } from "./terminal.ts";

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";

/** Takes the whole screen of this process's terminal, until it is closed; what was there before comes back then. */
export function openSystemScreen(): Screen {
  const { stdin, stdout } = process;
  const listeners: (() => void)[] = [];
  const isTyped = stdin.isTTY === true;
  stdout.write(ENTER);
  if (isTyped) stdin.setRawMode(true);
  return {
    size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
    draw(lines) {
      // Written over what is there, line by line: to clear first would flicker.
      stdout.write(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join("\n")}\u001b[J`);
    },
    onKey(listener) {
      const take = (data: Buffer) => {
        for (const key of data.toString("utf8")) listener(key);
      };
      stdin.on("data", take);
      stdin.resume();
      listeners.push(() => stdin.off("data", take));
    },
    onResize(listener) {
      stdout.on("resize", listener);
      listeners.push(() => stdout.off("resize", listener));
    },
    close() {
      for (const stop of listeners) stop();
      if (isTyped) stdin.setRawMode(false);
      stdin.pause();
      stdout.write(LEAVE);
    },
  };
}
