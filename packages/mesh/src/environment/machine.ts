/** What is at a path. */
export interface PathFacts {
  readonly is: "file" | "folder" | "other";
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  /** Whether it is this user's, and nobody else may read or write it. */
  readonly isPrivate: boolean;
}

/** A command to run. */
export interface CommandOrder {
  /** Program and arguments; the program `node` is the Node that runs us. */
  readonly words: readonly string[];
  /** Folder that it runs in. */
  readonly cwd: string;
  /** Variables beside those of the machine, or in their place. */
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** How a command ended. */
export interface CommandEnd {
  /** Undefined when a signal ended it, or it never began. */
  readonly code: number | undefined;
  /** Empty when it ended by itself with code 0; else how it ended, such as `it exited with code 1`. */
  readonly trouble: string;
  /** Its last lines, of both outputs. */
  readonly lines: readonly string[];
}

/** What an environment is checked against. The real one is `createSystemMachine`. */
export interface Machine {
  /** Version of Node, such as 26.10.0. */
  readonly node: string;
  /** Those that commands get, and that variables of components come from. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Undefined when nothing is there. */
  look(path: string): Promise<PathFacts | undefined>;
  /** Text of a file. @throws Error when it cannot be read, or is longer. */
  read(path: string, bytesMax: number): Promise<string>;
  /** Empty when it can listen there, else who does, or why it cannot. */
  listen(host: string, port: number): Promise<string>;
  /** Free bytes of memory, or of the disk that a path is on. */
  free(what: "disk" | "memory", path: string): Promise<number>;
  /** Empty when a URL (`http:`, `https:` or `tcp:`) answers in time, else why not. */
  reach(url: string, timeoutMs: number): Promise<string>;
  /** Runs a command to its end, and ends it when it takes too long. */
  run(order: CommandOrder): Promise<CommandEnd>;
}
