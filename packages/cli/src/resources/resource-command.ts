import type { CommandInput, Handler } from "../command.ts";
import { type ExitCode, typed } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { openServer, type Server } from "./server.ts";

/** Where a command about resources does its work. */
export interface ResourceContext {
  readonly server: Server;
  readonly terminal: Terminal;
  readonly isJson: boolean;
  /** Whether it is one of several, after which nothing else is proposed. */
  readonly isInScript?: boolean;
}

/** A command about resources in two steps, so that a script can read all of its lines before it does the first. */
export interface ResourceCommand<T = unknown> {
  /** Reads what was typed, and asks nobody. @throws CommandError for what cannot be meant */
  read(input: CommandInput, terminal: Terminal): T;
  /** Asks the server whether what is named is there, and changes nothing. Default: nothing is asked. */
  resolve?(wish: T, context: ResourceContext): Promise<void>;
  act(wish: T, context: ResourceContext): Promise<ExitCode>;
}

/** Makes the handler of a command that is typed alone. */
export function handlerOf<T>(command: ResourceCommand<T>): Handler {
  return async (input, terminal) => {
    const wish = await typed(() => command.read(input, terminal));
    const server = await openServer(input, terminal);
    try {
      return await command.act(wish, { server, terminal, isJson: input.text("output") === "json" });
    } finally {
      await server.close();
    }
  };
}
