/** Where a command reads and writes. The real one is the process's; tests hand in their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether results go to a person's screen, and may be coloured. */
  readonly isScreen: boolean;
  /** Writes to standard output; resolves when there is room for more, to false when nobody reads any more. */
  write(text: string): Promise<boolean>;
  /** The same for bytes. */
  writeBytes(bytes: Uint8Array): Promise<boolean>;
  /** Writes a line to standard error. */
  say(line: string): void;
  /** All of standard input. @throws CommandError when it is larger than the limit. */
  readInput(): Promise<Uint8Array>;
  /** Calls back each time that somebody asks this process to end; gives what stops that. */
  onInterrupt(listener: () => void): () => void;
}

/** Text in a colour that tells a state, where there is a screen and nobody minds. */
export function colour(terminal: Terminal, state: "good" | "bad" | "busy", text: string): string {
  const { NO_COLOR, TERM } = terminal.env;
  if (!terminal.isScreen || (NO_COLOR !== undefined && NO_COLOR !== "") || TERM === "dumb") return text;
  const code = { good: 32, bad: 31, busy: 33 }[state];
  return `\u001b[${code}m${text}\u001b[39m`;
}
