/** Waits for Ctrl-C, or for being asked to end. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}

/** Says to a person how it goes. What a program may read goes to stdout. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
