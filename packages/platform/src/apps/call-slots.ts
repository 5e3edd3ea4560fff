import { OrreryError } from "@orrery/core";

/** Counts what is under way by Space, so that one keeps no other from its own. */
export interface CallSlots {
  /** Takes one until it is disposed of. @throws OrreryError `resource_exhausted` where the Space of an address has them all */
  take(address: string): Disposable;
}

/** Makes slots: so many for each Space. */
export function createCallSlots(max: number): CallSlots {
  const taken = new Map<string, number>();
  return {
    take: (address) => {
      const space = address.split(":")[0] ?? "";
      const now = taken.get(space) ?? 0;
      if (now >= max) {
        const text = `Cannot call "${address}": ${now} calls of ${space} are under way, which is the limit, wait for some`;
        throw new OrreryError("resource_exhausted", text, { details: { limit: max } });
      }
      taken.set(space, now + 1);
      let isOver = false;
      return {
        [Symbol.dispose]: () => {
          if (isOver) return;
          isOver = true;
          const left = (taken.get(space) ?? 1) - 1;
          if (left === 0) taken.delete(space);
          else taken.set(space, left);
        },
      };
    },
  };
}
