import type { Context } from "./context.ts";
import type { MethodNames, MethodsOf, Service } from "./contract.ts";
import type { InstanceHandle, Settings } from "./instance-handle.ts";
import { INSTANCES_MAX } from "./limits.ts";
import { OrreryError } from "./orrery-error.ts";

/** A handler's answer: a value, or the promise of one. */
type Answer<T> = T | Promise<T>;

/** What a component must provide: one handler for each method of its service, by the method's mode. */
export type Handlers<S extends Service> = {
  [K in MethodNames<S, "sync">]: (
    request: MethodsOf<S>[K]["received"],
    context: Context,
  ) => Answer<MethodsOf<S>[K]["reply"]>;
} & {
  [K in MethodNames<S, "stream">]: (
    request: MethodsOf<S>[K]["received"],
    context: Context,
  ) => AsyncIterable<MethodsOf<S>[K]["reply"]>;
} & {
  [K in MethodNames<S, "async" | "broadcast">]: (
    request: MethodsOf<S>[K]["received"],
    context: Context,
  ) => Answer<void>;
};

/** A condition that must hold before an instance starts. */
export interface Requirement {
  /** What is required, for people. */
  readonly name: string;
  /** Gives nothing when it holds, else what is missing and how to mend it. Must end within the hook limit of 10 s. */
  readonly check: () => string | undefined | Promise<string | undefined>;
}

/** Options of a component. */
export interface ComponentOptions {
  /** Version in the form 1.2.3. Default: 0.0.0. */
  readonly version?: string;
  /** Copies to run. From 1 to 1,024. Default: 1. */
  readonly instances?: number;
  /**
   * Whether a call that comes back to an instance of its own chain is let in while that instance waits (`flow`), or is refused with
   * `call_cycle` (`refuse`). Default: refuse.
   */
  readonly reentrant?: "refuse" | "flow";
  /**
   * Whether an open stream keeps its instance busy (`hold`), or its handler runs beside the other messages (`beside`), so that what it calls
   * may call its instance, too. Default: hold.
   */
  readonly streams?: "hold" | "beside";
  /** Conditions that are checked, all of them, before the first instance starts. Default: none. */
  readonly requires?: readonly Requirement[];
  /** Messages that may wait for one instance. Default: 4,096. */
  readonly inboxMessagesMax?: number;
  /** Bytes of bodies that may wait for one instance. Default: 64 MiB. */
  readonly inboxBytesMax?: number;
  /** What instances find as `settings`; whoever runs the component puts its own in the place of these. Default: none. */
  readonly settings?: Settings;
}

/** Makes the handlers of one instance. Runs once for each instance, before its start hook; what it closes over is that instance's alone. */
export type HandlerFactory<S extends Service> = (instance: InstanceHandle) => Handlers<S>;

/** A component as it is handed to a container. */
export interface Component {
  readonly kind: "orrery.component";
  readonly service: Service;
  readonly factory: (instance: InstanceHandle) => object;
  readonly options: ComponentOptions;
}

const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/**
 * Defines a component: a service, and what makes the handlers of one instance.
 * @throws OrreryError `invalid_argument` for an option out of its range, naming it.
 * @example
 * export default defineComponent(Weather, () => ({
 *   today: async ({ place }) => ({ celsius: place === "Oslo" ? -3 : 21 }),
 * }));
 */
export function defineComponent<S extends Service>(
  service: S,
  factory: HandlerFactory<S>,
  options: ComponentOptions = {},
): Component {
  const name = nameOf(service);
  if (typeof factory !== "function") throw refused(name, `got ${typeof factory} for its factory, pass a function`);
  if (options.version !== undefined && !VERSION.test(options.version)) {
    throw refused(name, `version "${options.version}" is not of the form 1.2.3`);
  }
  assertOneOf(name, "reentrant", options.reentrant ?? "refuse", ["refuse", "flow"]);
  assertOneOf(name, "streams", options.streams ?? "hold", ["hold", "beside"]);
  assertWhole(name, "instances", options.instances ?? 1, INSTANCES_MAX);
  assertWhole(name, "inboxMessagesMax", options.inboxMessagesMax ?? 1, Number.MAX_SAFE_INTEGER);
  assertWhole(name, "inboxBytesMax", options.inboxBytesMax ?? 1, Number.MAX_SAFE_INTEGER);
  return Object.freeze({ kind: "orrery.component", service, factory, options });
}

/** Tells whether a value is a component, also one made by another copy of this package. */
export function isComponent(value: unknown): value is Component {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "orrery.component";
}

function assertWhole(name: string, option: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw refused(name, `${option} is ${value}, write a whole number from 1 to ${max}`);
}

function assertOneOf(name: string, option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw refused(name, `${option} is "${value}", write ${known.join(" or ")}`);
}

function nameOf(service: unknown): string {
  const given = service as { typeName?: unknown; name?: unknown } | null | undefined;
  const name = given?.typeName ?? given?.name;
  if (typeof name === "string") return name;
  const text = `Cannot define a component: got ${typeof service} for its service, pass one that protoc-gen-es or defineService made`;
  throw new OrreryError("invalid_argument", text);
}

function refused(name: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot define component "${name}": ${why}`);
}
