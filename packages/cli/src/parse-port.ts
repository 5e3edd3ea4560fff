import { usageError } from "./command-error.ts";

/** Reads the port that a flag says. @throws CommandError */
export function parsePort(text: string, flag: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageError(`Cannot read flag --${flag}: "${text}" is no port, write a whole number from 0 to 65535`);
}
