import type { Component } from "./component.ts";
import type { ServiceContract } from "./contract.ts";
import type { Mode } from "./envelope.ts";
import type { InstanceHandle } from "./instance-handle.ts";
import { OrreryError } from "./orrery-error.ts";

/** One handler as a queue calls it: it is bound to the object that it came with. */
export type Handler = (request: unknown, context: unknown) => unknown;

/** Whose handlers are made. */
export interface TakeHandlersOptions {
  readonly component: Component;
  readonly contract: ServiceContract;
}

/**
 * Makes the handlers of one instance and puts them into `into`, by local name, bound to what the factory gave: a plain object, or an
 * instance of a class.
 * @throws OrreryError `invalid_argument` when one is missing, is unknown, or has a form that its method's mode does not allow.
 */
export function takeHandlers(
  { component, contract }: TakeHandlersOptions,
  handle: InstanceHandle,
  into: Record<string, Handler>,
): void {
  const made: unknown = component.factory(handle);
  if (made instanceof Promise) {
    made.catch(() => undefined); // What it would have told is of no use any more.
    throw refused(contract, "its factory gave a promise, give the handlers at once and do slow work in onStart");
  }
  if (typeof made !== "object" || made === null) {
    throw refused(contract, `its factory gave ${made === null ? "null" : typeof made}, give an object of handlers`);
  }
  const given = made as Readonly<Record<string, unknown>>;
  assertComplete(contract, given);
  for (const { localName, mode } of contract.methods.values()) {
    const handler = given[localName] as Handler;
    assertForm(contract, localName, mode, handler);
    into[localName] = handler.bind(made);
  }
}

function assertComplete(contract: ServiceContract, given: Readonly<Record<string, unknown>>): void {
  const names = [...contract.methods.keys()];
  const missing = names.filter((name) => !isHandler(given, name));
  if (missing.length > 0) {
    const why = `it has no handler for ${quoted(missing)}, its factory must return one for each method`;
    throw refused(contract, why);
  }
  // An object of a class may have helpers and fields of its own; a plain one is all handlers.
  if (Object.getPrototypeOf(given) !== Object.prototype) return;
  const extra = Object.keys(given).filter((name) => !contract.methods.has(name));
  if (extra.length === 0) return;
  const why = `it has handlers for ${quoted(extra)}, which the contract does not know; its methods are ${names.join(", ")}`;
  throw refused(contract, why);
}

/** What every object inherits, such as `toString`, is nobody's handler. */
function isHandler(given: Readonly<Record<string, unknown>>, name: string): boolean {
  return typeof given[name] === "function" && given[name] !== (Object.prototype as Record<string, unknown>)[name];
}

const FORM = /^\[object (.*)Function\]$/;

/** Refuses what can never be right: an async function gives no stream, and a generator gives no reply. */
function assertForm(contract: ServiceContract, name: string, mode: Mode, handler: Handler): void {
  const form = FORM.exec(Object.prototype.toString.call(handler))?.[1] ?? "";
  if (mode === "stream") {
    if (form === "Async")
      throw refused(
        contract,
        `handler "${name}" is an async function, but its mode is stream, make it an async function*`,
      );
    if (form === "Generator")
      throw refused(contract, `handler "${name}" is a function*, but its mode is stream, make it an async function*`);
  } else if (form.endsWith("Generator")) {
    throw refused(
      contract,
      `handler "${name}" is a generator, but its mode is ${mode}, make it a function or an async one`,
    );
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

function refused(contract: ServiceContract, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot start component "${contract.name}": ${why}`);
}
