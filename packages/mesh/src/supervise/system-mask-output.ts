import { inspect } from "node:util";
import { createRedactor, createStreamRedactor } from "../environment/redact.ts";
import type { NodeProgram } from "./node-program.ts";
import type { SupervisorLine } from "./system-child.ts";
import { secretsOf } from "./system-start-variables.ts";

/**
 * Keeps the values of the program's file of variables out of what this process prints, and out of why it cannot start. What it writes past
 * `process.stdout` and `process.stderr`, and what it starts, is not looked at.
 */
export function maskOutput(line: SupervisorLine): SupervisorLine {
  const secrets = secretsOf(line.program as unknown as NodeProgram);
  if (secrets.length === 0) return line;
  const redact = createRedactor(secrets);
  for (const stream of [process.stdout, process.stderr]) maskStream(stream, secrets);
  process.on("uncaughtException", (error: unknown) => {
    process.stderr.write(`${inspect(error)}\n`); // Node would write it past the stream.
    process.exit(1);
  });
  const failed = line.failed.bind(line);
  line.failed = (text) => failed(redact(text));
  return line;
}

/** Looks at bytes, whose pieces may end within a letter. */
function maskStream(stream: NodeJS.WriteStream, secrets: readonly string[]): void {
  const redactor = createStreamRedactor(secrets.map((secret) => Buffer.from(secret).toString("latin1")));
  const write = stream.write.bind(stream) as (bytes: Uint8Array, done?: unknown) => boolean;
  stream.write = (piece: string | Uint8Array, encoding?: unknown, done?: unknown) => {
    const bytes = typeof piece === "string" ? Buffer.from(piece, encodingOf(encoding)) : Buffer.from(piece);
    const clean = redactor.push(bytes.toString("latin1"));
    return write(Buffer.from(clean, "latin1"), typeof encoding === "function" ? encoding : done);
  };
  process.once("exit", () => void write(Buffer.from(redactor.end(), "latin1")));
}

function encodingOf(encoding: unknown): BufferEncoding {
  return typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8";
}
