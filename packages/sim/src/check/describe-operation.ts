import type { Operation } from "./operation.ts";
import type { OperationModel } from "./sequential-model.ts";

const VALUE_LENGTH_MAX = 60;

/** A value as a short text: `{ kind: "put", key: "a" }` is `put a`, all other things as in JSON. */
export function describeValue(value: unknown): string {
  const text = isAction(value) ? describeAction(value) : inner(value);
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX - 1)}…` : text;
}

/** An operation as a short text: what was asked, and what came of it. */
export function describeOperation<I, O>(
  operation: Operation<I, O>,
  describe: OperationModel<I, O>["describe"] = undefined,
): string {
  if (describe !== undefined) return describe(operation.input, operation.output, operation.outcome);
  const asked = describeValue(operation.input);
  if (operation.outcome === "unknown") return `${asked} -> ?`;
  if (operation.outcome === "fail") return `${asked} failed`;
  return operation.output === undefined ? asked : `${asked} -> ${describeValue(operation.output)}`;
}

function isAction(value: unknown): value is { readonly kind: string } {
  return typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string";
}

function describeAction(action: { readonly kind: string }): string {
  const rest = Object.entries(action).filter(([name, part]) => name !== "kind" && part !== undefined);
  return [action.kind, ...rest.map(([, part]) => inner(part))].join(" ");
}

/** Plain words stand without quotes. */
function inner(value: unknown): string {
  if (typeof value === "string") return /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value))
    return `[${value.map((part) => (isAction(part) ? describeAction(part) : inner(part))).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const parts = Object.entries(value).map(([name, part]) => `${name}: ${inner(part)}`);
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}
