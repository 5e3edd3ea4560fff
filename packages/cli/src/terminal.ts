/** How lines are read from somebody who types. */
export interface ReadLinesOptions {
  readonly prompt: () => string;
  /** What may stand in the place of the last word of a line. */
  readonly complete: (line: string) => readonly string[];
  /** Called when somebody types Ctrl-C. */
  readonly onInterrupt: () => void;
}

/** The whole screen of a terminal, which a command draws again and again. */
export interface Screen {
  size(): { readonly columns: number; readonly rows: number };
  /** Puts lines in the place of all that is there. */
  draw(lines: readonly string[]): void;
  /** Calls back with each key that is typed; Ctrl-C is `\u0003`. */
  onKey(listener: (key: string) => void): void;
  onResize(listener: () => void): void;
  /** Gives the screen back as it was. */
  close(): void;
}

/** Where a command reads and writes. The real one is the process's; tests hand in their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether results go to a person's screen, and may be coloured. */
  readonly isScreen: boolean;
  /** Columns of that screen, or of a page where there is none. */
  readonly width: number;
  /** Whether somebody types at standard input, and sees what is written. */
  readonly isInteractive: boolean;
  /** Writes to standard output; resolves when there is room for more, to false when nobody reads any more. */
  write(text: string): Promise<boolean>;
  /** The same for bytes. */
  writeBytes(bytes: Uint8Array): Promise<boolean>;
  /** Writes a line to standard error. */
  say(line: string): void;
  /**
   * Shows where a long command stands, in a line of standard error that the next one replaces; nothing where no screen is. An empty line
   * takes it away.
   */
  progress(line: string): void;
  /** Standard input line by line; somebody who types gets a prompt, and completion by Tab. */
  readLines(options: ReadLinesOptions): AsyncIterable<string>;
  /** Takes the whole screen; only where there is one. */
  openScreen(): Screen;
  /** Asks who types for a secret, which is not shown; undefined where nobody types. */
  readSecret(prompt: string): Promise<string | undefined>;
  /** All of standard input. @throws CommandError when it is larger than the limit. */
  readInput(): Promise<Uint8Array>;
  /** Calls back, with the signal, each time that somebody asks this process to end; gives what stops that. */
  onInterrupt(listener: (signal?: string) => void): () => void;
}

/** Text in a colour that tells a state, where there is a screen and nobody minds. */
export function colour(terminal: Terminal, state: "good" | "bad" | "busy", text: string): string {
  const { NO_COLOR, TERM } = terminal.env;
  if (!terminal.isScreen || (NO_COLOR !== undefined && NO_COLOR !== "") || TERM === "dumb") return text;
  const code = { good: 32, bad: 31, busy: 33 }[state];
  return `\u001b[${code}m${text}\u001b[39m`;
}
