import type { Clock } from "./clock.ts";
import type { Component } from "./component.ts";
import {
  INBOX_BYTES_MAX,
  INBOX_MESSAGES_MAX,
  INSTANCES_MAX,
  MEMORY_LOOK_MS,
  WAITING_BYTES_MAX,
  WAITING_MESSAGES_MAX,
} from "./limits.ts";
import { OrreryError } from "./orrery-error.ts";

/** How much of one component a node runs, and lets wait. */
export interface Capacity {
  /** Instances that take messages. From 0, which drains the component in this node, to 1,024. */
  readonly instances: number;
  /** Messages that may wait for one instance. */
  readonly inboxMessages: number;
  /** Bytes of bodies that may wait for one instance. */
  readonly inboxBytes: number;
}

/** What may wait in a node, over all its components. What an instance can begin at once is not kept from it. */
export interface NodeTotals {
  /** Messages. Default: 262,144. */
  readonly waitingMessages: number;
  /** Bytes of bodies. Default: 512 MiB. */
  readonly waitingBytes: number;
  /** Memory of the process above which nothing more may wait, and what tells it. Default: nobody looks. */
  readonly memory?: {
    readonly bytesMax: number;
    /** Bytes in use now. Asked at most every 50 ms, when a message would have to wait. */
    readonly used: () => number;
  };
}

/** The room for messages that wait in one node. Owns: how many wait, and of how many bytes. */
export interface Room {
  /** Why a message of that size may not wait; undefined when it may. */
  lack(bytes: number): string | undefined;
  /** A message waits now, or no longer does. */
  take(bytes: number): void;
  free(bytes: number): void;
}

/** The capacity that a component starts with: what the node was told, else what the component asks for. @throws OrreryError `invalid_argument`. */
export function capacityOf({ options }: Component, name: string, told: Partial<Capacity> = {}): Capacity {
  return changeCapacity(name, told, {
    instances: options.instances ?? 1,
    inboxMessages: options.inboxMessagesMax ?? INBOX_MESSAGES_MAX,
    inboxBytes: options.inboxBytesMax ?? INBOX_BYTES_MAX,
  });
}

/** A capacity of which some numbers are to be others. @throws OrreryError `invalid_argument` naming the number that cannot be. */
export function changeCapacity(component: string, change: Partial<Capacity>, before: Capacity): Capacity {
  const numbers = Object.entries(LARGEST) as [keyof Capacity, number][];
  const unknown = Object.keys(change).find((name) => !Object.hasOwn(LARGEST, name));
  if (unknown !== undefined)
    throw unfit(component, `there is no "${unknown}", write ${Object.keys(LARGEST).join(", ")}`);
  for (const [name, max] of numbers) {
    const value = change[name];
    const min = name === "instances" ? 0 : 1;
    if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) continue;
    throw unfit(component, `${name} is ${value}, write a whole number from ${min} to ${max}`);
  }
  const { instances, inboxMessages, inboxBytes } = change;
  return {
    instances: instances ?? before.instances,
    inboxMessages: inboxMessages ?? before.inboxMessages,
    inboxBytes: inboxBytes ?? before.inboxBytes,
  };
}

const LARGEST: Readonly<Record<keyof Capacity, number>> = {
  instances: INSTANCES_MAX,
  inboxMessages: Number.MAX_SAFE_INTEGER,
  inboxBytes: Number.MAX_SAFE_INTEGER,
};

function unfit(component: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot set the capacity of "${component}": ${why}`);
}

/** Makes the room of a node. @throws OrreryError `invalid_argument` for a total that cannot be. */
export function createRoom(node: string, clock: Clock, totals: Partial<NodeTotals> = {}): Room {
  const { waitingMessages = WAITING_MESSAGES_MAX, waitingBytes = WAITING_BYTES_MAX, memory } = totals;
  for (const [name, value] of Object.entries({ waitingMessages, waitingBytes, bytesMax: memory?.bytesMax ?? 1 })) {
    if (Number.isFinite(value) && value >= 1) continue;
    const text = `Cannot make node "${node}": ${name} is ${value}, write a number from 1`;
    throw new OrreryError("invalid_argument", text);
  }
  const memoryLack = memory === undefined ? () => undefined : memoryWatch(node, clock, memory);
  let messages = 0;
  let bytes = 0;
  return {
    lack(size) {
      if (messages >= waitingMessages)
        return `${messages} messages wait in node "${node}", its limit is ${waitingMessages}`;
      if (bytes + size > waitingBytes) return `${bytes} bytes wait in node "${node}", its limit is ${waitingBytes}`;
      return memoryLack();
    },
    take(size) {
      messages++;
      bytes += size;
    },
    free(size) {
      messages--;
      bytes -= size;
    },
  };
}

/** Looks at the memory now and then: to look is slow, and what comes between two looks is bounded. */
function memoryWatch(
  node: string,
  clock: Clock,
  { bytesMax, used }: NonNullable<NodeTotals["memory"]>,
): () => string | undefined {
  let lookedMs = Number.NEGATIVE_INFINITY;
  let lack: string | undefined;
  return () => {
    const nowMs = clock.monotonic();
    if (nowMs - lookedMs < MEMORY_LOOK_MS) return lack;
    lookedMs = nowMs;
    const bytes = used();
    lack = bytes > bytesMax ? `node "${node}" uses ${bytes} bytes of memory, its limit is ${bytesMax}` : undefined;
    return lack;
  };
}
