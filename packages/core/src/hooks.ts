import type { Clock } from "./clock.ts";
import type { CrashInfo } from "./instance-handle.ts";
import { OrreryError } from "./orrery-error.ts";

/** Moments in an instance's life at which its author may do something. */
export type HookName = "start" | "ready" | "drain" | "stop" | "crash";

type Hook = (info: CrashInfo) => void | Promise<void>;

/** Options of an instance's hooks. */
export interface HooksOptions {
  readonly clock: Clock;
  /** How long one hook may take, in ms. */
  readonly timeoutMs: number;
  /** Instance, for errors. */
  readonly name: string;
  /** Names of the methods that are called and have not answered, for the error of a hook that takes too long. */
  readonly waitsFor: () => readonly string[];
}

/** The hooks of one instance; each runs at most once. */
export interface Hooks {
  /** Names a hook. @throws OrreryError `invalid_argument` when that one has been named, or its moment has passed. */
  set(name: HookName, hook: Hook): void;
  /** Runs a hook that was named and has not run. @throws what the hook throws, or OrreryError `deadline_exceeded`. */
  run(name: HookName, info?: CrashInfo): Promise<void>;
}

const NO_CRASH: CrashInfo = Object.freeze({ cause: undefined, crashes: 0 });

/** Makes an empty set of hooks. */
export function createHooks(options: HooksOptions): Hooks {
  const hooks = new Map<HookName, Hook>();
  const ran = new Set<HookName>();
  return {
    set(name, hook) {
      const why = hooks.has(name)
        ? "it has one, call the two from one function"
        : "it is too late, set it in the factory";
      if (hooks.has(name) || ran.has(name))
        throw new OrreryError("invalid_argument", `Cannot set the ${name} hook of "${options.name}": ${why}`);
      hooks.set(name, hook);
    },
    async run(name, info = NO_CRASH) {
      const hook = hooks.get(name);
      const isFirst = !ran.has(name);
      ran.add(name);
      if (hook === undefined || !isFirst) return;
      await within(
        options,
        name,
        Promise.resolve().then(() => hook(info)),
      );
    },
  };
}

async function within(options: HooksOptions, name: HookName, work: Promise<void>): Promise<void> {
  let expire: ((error: OrreryError) => void) | undefined;
  const expired = new Promise<never>((_, reject) => {
    expire = reject;
  });
  const timer = options.clock.timer(options.timeoutMs, () => expire?.(lateError(options, name)));
  try {
    await Promise.race([work, expired]);
  } finally {
    timer.cancel();
  }
}

function lateError({ name, timeoutMs, waitsFor }: HooksOptions, hook: HookName): OrreryError {
  const open = [...new Set(waitsFor())].map((method) => `"${method}"`).join(", ");
  const text = `Cannot go on with "${name}": its ${hook} hook took longer than ${timeoutMs} ms`;
  return new OrreryError("deadline_exceeded", open === "" ? text : `${text} and waits for ${open}`);
}
