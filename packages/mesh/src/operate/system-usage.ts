/** What the process of a node takes of its machine. */
export interface Usage {
  /** Its id. */
  readonly pid: number;
  /** Memory that is its own, in bytes. */
  readonly memoryBytes: number;
  /** Time that it has computed for since it began, in ms. */
  readonly cpuMs: number;
}

/** Reads what this process takes. */
export function processUsage(): Usage {
  const { user, system } = process.cpuUsage();
  return { pid: process.pid, memoryBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 };
}
