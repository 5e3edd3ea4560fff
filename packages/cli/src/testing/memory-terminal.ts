import { fileURLToPath } from "node:url";
import type { ExitCode } from "../command-error.ts";
import { main } from "../main.ts";
import type { Screen, Terminal } from "../terminal.ts";

/** Folder of the components that tests run. */
export const APPS: string = fileURLToPath(new URL("./apps/", import.meta.url));

/** What a command left behind. */
export interface Typed {
  readonly exit: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Options of a command that is typed in a test. */
export interface TypeOptions {
  /** Default: the folder of the tests' components. */
  readonly cwd?: string;
  /** Standard input. Default: nothing. */
  readonly input?: string;
  /** What somebody types where a secret is asked for. Default: nobody types. */
  readonly secrets?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly isScreen?: boolean;
  /** Columns and lines of a screen. Default: 100 and 30. */
  readonly size?: { readonly columns: number; readonly rows: number };
  /** Gets what types a key, once the command takes keys. */
  readonly onKeys?: (type: (key: string) => void) => void;
  /** Gets each picture of the whole screen. */
  readonly onDraw?: (lines: readonly string[]) => void;
  /** Gets each line of standard error. */
  readonly onSay?: (line: string) => void;
  /** Gets each piece of standard output. */
  readonly onWrite?: (text: string) => void;
  /** Gets what can ask the command to end, once it listens. */
  readonly onListening?: (interrupt: () => void) => void;
  /** Lines after which nobody reads standard output any more. */
  readonly linesMax?: number;
}

/** Types a command in this process. */
export async function type(words: readonly string[], options: TypeOptions = {}): Promise<Typed> {
  let out = "";
  let err = "";
  const write = async (text: string) => {
    out += text;
    options.onWrite?.(text);
    return out.split("\n").length <= (options.linesMax ?? Number.POSITIVE_INFINITY);
  };
  const secrets = [...(options.secrets ?? [])];
  const terminal: Terminal = {
    env: options.env ?? {},
    cwd: options.cwd ?? APPS,
    isScreen: options.isScreen ?? false,
    isInteractive: false,
    width: options.size?.columns ?? 100,
    progress: () => undefined,
    async *readLines() {
      yield* (options.input ?? "").split("\n");
    },
    write,
    writeBytes: (bytes) => write(Buffer.from(bytes).toString("latin1")),
    say: (line) => {
      err += `${line}\n`;
      options.onSay?.(line);
    },
    openScreen: () => openMemoryScreen(write, options),
    readSecret: async (prompt) => {
      if (options.secrets !== undefined) err += `${prompt}\n`;
      return secrets.shift();
    },
    readInput: async () => new TextEncoder().encode(options.input ?? ""),
    onInterrupt(listener) {
      options.onListening?.(listener);
      return () => undefined;
    },
  };
  const exit = await main(words, terminal);
  return { exit, out, err };
}

/** A screen that tells each of its pictures. */
function openMemoryScreen(write: (text: string) => Promise<boolean>, options: TypeOptions): Screen {
  const { size = { columns: 100, rows: 30 }, onKeys, onDraw } = options;
  return {
    size: () => size,
    draw(lines) {
      onDraw?.(lines);
    },
    onKey: (listener) => onKeys?.(listener),
    onResize: () => undefined,
    close: () => void write("closed\n"),
  };
}
