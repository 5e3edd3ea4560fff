import { join, resolve } from "node:path";
import type { CommandEnd, CommandOrder, Machine, PathFacts } from "../../environment/machine.ts";

/** What a machine of tests has: plain data, that may change while it is looked at. */
export interface MemoryMachineState {
  node?: string;
  variables?: Record<string, string>;
  /** Texts by path; a path that ends with `/` is a folder. */
  files?: Record<string, string>;
  /** Paths that differ from a private file or folder that may be read and written. */
  facts?: Record<string, Partial<PathFacts>>;
  /** Who listens, by port. */
  taken?: Record<number, string>;
  disk?: number;
  memory?: number;
  /** Places that answer. */
  answering?: readonly string[];
  /** How commands end, by their words; those that are not here print their words and end well. */
  ends?: Record<string, Partial<CommandEnd>>;
}

/** A machine that is data. It keeps the orders that it was given. */
export function createMemoryMachine(state: MemoryMachineState): Machine & { readonly orders: readonly CommandOrder[] } {
  const orders: CommandOrder[] = [];
  const { files = {}, facts = {} } = state;
  const look = async (path: string): Promise<PathFacts | undefined> => {
    const is = join(path, "/") in files ? "folder" : path in files ? "file" : undefined;
    return is === undefined ? undefined : { is, isReadable: true, isWritable: true, isPrivate: true, ...facts[path] };
  };
  return {
    orders,
    node: state.node ?? "26.10.0",
    variables: state.variables ?? {},
    look,
    read: async (path, bytesMax) => {
      const text = files[resolve(path)];
      if (text === undefined || text.length > bytesMax) throw new Error(`Cannot read "${path}"`);
      return text;
    },
    listen: async (_host, port) => (state.taken?.[port] === undefined ? "" : `is taken by ${state.taken[port]}`),
    free: async (what) => state[what] ?? Number.POSITIVE_INFINITY,
    reach: async (url) => (state.answering?.includes(url) === true ? "" : "is not reachable (ECONNREFUSED)"),
    run: async (order) => {
      orders.push(order);
      const words = order.words.join(" ");
      return { code: 0, trouble: "", lines: [words], ...state.ends?.[words] };
    },
  };
}
