import { Socket } from "node:net";
import { promisify } from "node:util";
import { isRecorded, makeExternally } from "./external-doors.ts";
import { currentOwner } from "./owner.ts";
import { type AnyFunction, imitate, type Patches } from "./patches.ts";
import { REAL_CALLS, type RealCallGroup, SOCKET_WRITE, STDIN } from "./real-calls.ts";
import { type RealCall, refuse } from "./refusal.ts";

/** Puts a guard before every real call: code of an owner comes past it only as its mode says. */
export function patchRealCalls(patches: Patches): void {
  // Looking at them makes them, with what is the machine's own now: inside an owner they may be written to.
  void process.stdout;
  void process.stderr;
  for (const group of REAL_CALLS) {
    const target = targetOf(group.from);
    if (target === undefined) continue;
    for (const name of namesOf(group, target)) guardMember(patches, group, { target, name });
  }
  const stdin = Object.getOwnPropertyDescriptor(process, "stdin")?.get as AnyFunction;
  const readStdin = function (this: unknown): unknown {
    const owner = currentOwner();
    const error = owner === undefined ? undefined : refuse(owner, STDIN, readStdin);
    if (error !== undefined) throw error;
    return Reflect.apply(stdin, this, []);
  };
  patches.get(process, "stdin", readStdin);
  guardOpenSockets(patches);
}

/** Connections that were opened outside of the world, such as those of a pool, are no way out of it either; printing is. */
function guardOpenSockets(patches: Patches): void {
  const { write } = Socket.prototype;
  const guarded = function (this: Socket, ...given: unknown[]): unknown {
    const owner = currentOwner();
    const isPrinting = this === (process.stdout as unknown) || this === (process.stderr as unknown);
    const error = owner === undefined || isPrinting ? undefined : refuse(owner, SOCKET_WRITE, guarded);
    if (error !== undefined) throw error;
    return Reflect.apply(write, this, given);
  };
  patches.set(Socket.prototype, "write", imitate(guarded, write));
}

/** The object that a path such as `node:net Socket prototype` leads to; undefined where this Node has none. */
function targetOf(path: string): object | undefined {
  const [first = "", ...members] = path.split(" ");
  let target: unknown = first === "globalThis" ? globalThis : process.getBuiltinModule(first);
  for (const member of members) {
    if (target === undefined || target === null) return undefined;
    target = Reflect.get(target, member);
  }
  // The functions of an object such as `crypto.subtle` are those of its class.
  return path.endsWith(" subtle") ? Object.getPrototypeOf(target) : (target as object | undefined);
}

function namesOf({ names, except = "" }: RealCallGroup, target: object): string[] {
  const without = new Set(["constructor", ...except.split(" ")]);
  const isWanted = (name: string) => /^[a-z]/.test(name) && !without.has(name) && isCallable(target, name);
  return names
    .split(" ")
    .flatMap((name) => (name === "*" ? Object.getOwnPropertyNames(target).filter(isWanted) : [name]));
}

function isCallable(target: object, name: string): boolean {
  return typeof Object.getOwnPropertyDescriptor(target, name)?.value === "function";
}

function guardMember(patches: Patches, group: RealCallGroup, member: { target: object; name: string }): void {
  const { target, name } = member;
  const native = name in target ? (Reflect.get(target, name) as unknown) : undefined;
  if (typeof native !== "function") return;
  const { prefix, why, mend } = group;
  const call: RealCall = { name: prefix + name, why, mend };
  const guarded = guard(native, call, group.promises === true);
  const promised = Reflect.get(native, promisify.custom) as unknown;
  if (typeof promised === "function") {
    // `util.promisify` gives what stands here, which knows the native function by itself.
    const value = guard(promised, call, isRecorded(call.name));
    Object.defineProperty(guarded, promisify.custom, { value, configurable: true });
  }
  patches.set(target, name, guarded);
}

function guard(native: AnyFunction, call: RealCall, givesPromise: boolean): AnyFunction {
  const guarded = function (this: unknown, ...given: unknown[]): unknown {
    const owner = currentOwner();
    if (owner !== undefined) {
      if (givesPromise && owner.mode === "external" && new.target === undefined)
        return makeExternally(owner, call, { given, run: () => Reflect.apply(native, this, given) });
      const error = refuse(owner, call, guarded);
      if (error !== undefined) throw error;
    }
    if (new.target === undefined) return Reflect.apply(native, this, given);
    return Reflect.construct(native, given, new.target === guarded ? native : new.target);
  };
  return imitate(guarded, native, [promisify.custom]);
}
