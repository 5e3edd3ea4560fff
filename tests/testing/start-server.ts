import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A node in a process of its own. */
export interface Server extends AsyncDisposable {
  readonly address: string;
  readonly pid: number;
  /** Waits until it has written to stderr what a pattern describes, such as where its inspector listens; gives the first group. */
  told(pattern: RegExp): Promise<string>;
  /** Waits until it logs a line that it had not logged when this was last called. */
  line(text: string): Promise<void>;
  /** Ends it without a word. */
  kill(): Promise<void>;
}

/** What to start. */
export interface ServerOptions {
  /** Files of components, from `testing`. Default: the relay's. */
  readonly paths?: readonly string[];
  /** Words for Node, such as `--inspect=0`. Default: none. */
  readonly nodeWords?: readonly string[];
}

/** Starts `serve.ts` and waits for its address. @throws Error with what it wrote when it ends before. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { paths = ["apps/relay.ts"], nodeWords = [] } = options;
  const program = join(import.meta.dirname, "serve.ts");
  const child = spawn(process.execPath, ["--conditions=source", ...nodeWords, program, ...paths], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const server = new ServerProcess(child);
  await server.start();
  return server;
}

class ServerProcess implements Server {
  address = "";
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #lines: string[] = [];
  #told = "";
  #wake: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#exited = once(child, "exit");
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#told += text;
      this.#wake();
    });
    if (child.stdout === null) return;
    createInterface(child.stdout).on("line", (line) => {
      this.#lines.push(line);
      this.#wake();
    });
  }

  async start(): Promise<void> {
    await Promise.race([this.#take((line) => line.startsWith("tcp://")), this.#exited]);
    if (this.address === "") throw new Error(`Cannot start the server: ${this.#told}`);
  }

  async told(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#told)?.[1];
      if (found !== undefined) return found;
      await this.#news();
    }
  }

  async line(text: string): Promise<void> {
    await this.#take((line) => line === text);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }

  async #take(fits: (line: string) => boolean): Promise<void> {
    for (;;) {
      const line = this.#lines.shift();
      if (line === undefined) await this.#news();
      else if (fits(line)) {
        if (this.address === "") this.address = line;
        return;
      }
    }
  }

  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
