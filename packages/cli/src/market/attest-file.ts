import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  type AttestPolicy,
  type Evidence,
  parsePolicy,
  type Quote,
  readAttestPolicy,
  readEvidence,
  readQuote,
} from "@orrery/market";
import { CommandError, EXIT, typed, usageError } from "../command-error.ts";
import { readJson } from "../environments/config-folder.ts";
import type { Terminal } from "../terminal.ts";
import { findBenchFile } from "./market-file.ts";
import { readText } from "./pod-file.ts";

/** The policy that commands use where none is named. */
export const POLICY_FILE = "attest.yaml";

/** What a file has of a provider. */
export interface AttestFile {
  readonly quote: Quote | undefined;
  readonly evidence: Evidence | undefined;
}

/** Reads JSON of evidence, or `{ quote, evidence }` as `orrery quote` prints it. @throws CommandError for anything else */
export async function readAttestFile(file: string, terminal: Terminal): Promise<AttestFile> {
  const text =
    file === "-"
      ? new TextDecoder().decode(await terminal.readInput())
      : readText(file, resolve(terminal.cwd, file), "orrery attest verify --help");
  const said = parseObject(text, file);
  const isBoth = "quote" in said && typeof said["quote"] === "object";
  if (!isBoth && !("evidence" in said)) return { quote: undefined, evidence: await typed(() => readEvidence(text)) };
  const part = <T>(name: string, read: (text: string) => T) => {
    const value = said[name];
    if (value === undefined || value === null || value === "") return undefined;
    return typed(() => read(typeof value === "string" ? value : JSON.stringify(value)));
  };
  return { quote: await part("quote", readQuote), evidence: await part("evidence", readEvidence) };
}

/** The policy that is named, else that of this folder, else that of its bench. @throws CommandError where there is none, and with every mistake */
export async function findPolicy(said: string | undefined, terminal: Terminal): Promise<AttestPolicy> {
  const file = said ?? POLICY_FILE;
  const bench = findBenchFile(terminal.cwd);
  if (said !== undefined || existsSync(resolve(terminal.cwd, file)) || bench === undefined)
    return await readPolicyFile(file, terminal);
  const { policy } = (readJson(bench) ?? {}) as { readonly policy?: unknown };
  return await typed(() => readAttestPolicy(JSON.stringify(policy ?? null)));
}

/** Reads a policy; files that it names are beside it. @throws CommandError with every mistake */
export async function readPolicyFile(file: string, terminal: Terminal): Promise<AttestPolicy> {
  const path = resolve(terminal.cwd, file);
  const text = readText(file, path, "orrery attest verify --help");
  const read = (named: string) => readFileSync(resolve(dirname(path), named), "utf8");
  return await typed(() => parsePolicy(text, { file, read }));
}

/** Reads a moment such as `2026-11-23T10:00:00Z`; gives seconds since 1970. */
export function parseMoment(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return Math.floor(ms / 1_000);
  throw usageError(`Cannot read flag --at: "${text}" is no moment, write one such as 2026-11-23T10:00:00Z`);
}

function parseObject(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said === "object" && said !== null) return said as Record<string, unknown>;
  } catch {
    // It is told below.
  }
  throw new CommandError(`Cannot read "${file}": it is no JSON of evidence, or of a quote`, {
    exit: EXIT.usage,
    tip: "orrery quote POD --nonce=TEXT --output=json > quote.json",
  });
}
