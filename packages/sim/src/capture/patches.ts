/** Changes to objects of the process, which can be undone. */
export interface Patches {
  /** Gives a property another value; does nothing where there is none, or one that cannot be changed. */
  set(target: object, key: PropertyKey, value: unknown): void;
  /** Makes a property an accessor; does nothing where there is none, or one that cannot be changed. */
  get(target: object, key: PropertyKey, read: (this: unknown) => unknown): void;
  /** Puts everything back, the last change first. */
  undo(): void;
}

/** Makes an empty list of changes. */
export function createPatches(): Patches {
  const undos: (() => void)[] = [];
  const define = (target: object, key: PropertyKey, change: PropertyDescriptor) => {
    if (!(key in target)) return;
    const before = Object.getOwnPropertyDescriptor(target, key);
    // `crypto.getRandomValues` is such a one, and asks that of `globalThis.crypto`.
    if (before?.configurable === false) return;
    Object.defineProperty(target, key, { configurable: true, enumerable: before?.enumerable ?? true, ...change });
    undos.push(() => {
      if (before === undefined) Reflect.deleteProperty(target, key);
      else Object.defineProperty(target, key, before);
    });
  };
  return {
    set: (target, key, value) => define(target, key, { value, writable: true }),
    get(target, key, read) {
      const set = Object.getOwnPropertyDescriptor(target, key)?.set;
      define(target, key, set === undefined ? { get: read } : { get: read, set });
    },
    undo() {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}

/** A function of any shape. */
export type AnyFunction = CallableFunction;

/**
 * Makes a replacement look as the original does: name, length, statics, and the very same prototype, so that `instanceof` holds between
 * objects of both. Keys of `except` stay as the replacement has them.
 */
export function imitate<T extends object>(replacement: T, original: object, except: readonly PropertyKey[] = []): T {
  for (const key of Reflect.ownKeys(original)) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key);
    if (descriptor === undefined || except.includes(key)) continue;
    const own = Object.getOwnPropertyDescriptor(replacement, key);
    if (own?.configurable === false) {
      if ("value" in descriptor && own.writable) Reflect.set(replacement, key, descriptor.value);
    } else Object.defineProperty(replacement, key, descriptor);
  }
  Object.setPrototypeOf(replacement, Object.getPrototypeOf(original));
  return replacement;
}
