import { readFileSync } from "node:fs";
import type { MapInput, RegisterInput } from "../models.ts";
import type { Operation } from "../operation.ts";

type Input = MapInput<string> | RegisterInput<number>;
type Output = string | number | boolean | null;

/** Reads a history of `published/` in the notation of its README. */
export function publishedHistory(name: string): Operation<Input, Output>[] {
  const text = readFileSync(new URL(`published/${name}.txt`, import.meta.url), "utf8");
  const operations: Operation<Input, Output>[] = [];
  const open = new Map<number, number>();
  for (const [time, event] of text.trim().split(/\s+/).entries()) {
    const [, number = "", kind = "", rest = ""] = /^(\d+)([a-z+=?-])(.*)$/.exec(event) ?? [];
    const process = Number(number);
    const place = open.get(process);
    if (/[a-z]/.test(kind)) {
      if (place !== undefined) throw new Error(`${name}: process ${process} is busy at ${event}, event ${time}`);
      open.set(process, operations.length);
      const input = asked(process, kind, rest);
      operations.push({ process, input, callAt: time, returnAt: Number.POSITIVE_INFINITY, outcome: "unknown" });
      continue;
    }
    const operation = place === undefined ? undefined : operations[place];
    if (place === undefined || operation === undefined)
      throw new Error(`${name}: ${event} answers nothing, event ${time}`);
    if (kind === "?") continue; // Stays busy for ever.
    open.delete(process);
    operations[place] = { ...operation, output: answered(kind, rest, operation.input), returnAt: time, outcome: "ok" };
  }
  return operations;
}

function asked(process: number, kind: string, rest: string): Input {
  const [key = "", number = ""] = rest.split(":");
  const value = `x ${process} ${number} y`;
  switch (kind) {
    case "r":
      return { kind: "read" };
    case "w":
      return { kind: "write", value: Number(rest) };
    case "c":
      return { kind: "cas", from: Number(rest[0]), to: Number(rest[1]) };
    case "g":
      return { kind: "get", key };
    case "p":
      return { kind: "put", key, value };
    case "a":
      return { kind: "append", key, value };
    default:
      throw new Error(`no operation ${kind}`);
  }
}

function answered(kind: string, rest: string, input: Input): Output {
  if ((input.kind === "get" || input.kind === "read") !== (kind === "="))
    throw new Error(`${kind} does not answer ${input.kind}`);
  if (kind !== "=") return kind === "+";
  if (input.kind === "read") return rest === "n" ? null : Number(rest);
  return rest
    .split(",")
    .filter((part) => part !== "")
    .map((part) => `x ${part[0]} ${part.slice(1)} y`)
    .join("");
}
