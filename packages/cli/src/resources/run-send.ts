import { isOrreryError, type SendOptions } from "@orrery/core";
import { findMethod } from "../call/find-method.ts";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { exitCodeOf } from "../exit-code.ts";
import { NothingRuns, openReach, type Reach } from "../reach/reach.ts";
import type { Terminal } from "../terminal.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "./resource-command.ts";
import type { Server } from "./server.ts";
import { readAddress } from "./target.ts";

interface Wish {
  readonly address: string;
  readonly method: string;
  readonly request: object;
  readonly input: CommandInput;
}

/** `orrery send` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const [text = "", method = "", json = "{}"] = input.words;
    return { address: readAddress(text), method, request: readRequest(json), input };
  },
  act: async (wish, context) => {
    const { server, terminal } = context;
    const driver = await driverOf(wish, context);
    const reach = await reachDriver(driver, wish, context);
    try {
      const { service, name, ...found } = await reach.find(driver);
      const { localName, mode } = findMethod({ service, name, ...found }, wish.method);
      if (mode !== "sync")
        throw usageError(`Cannot send "${wish.method}" to "${wish.address}": it is ${mode}, use orrery call ${driver}`);
      const methods = reach.client.client(service) as unknown as Methods;
      const options = { shardKey: wish.address, timeoutMs: server.timeoutMs };
      const reply = await methods[localName]?.({ address: wish.address, ...wish.request }, options);
      await terminal.write(`${JSON.stringify(reply ?? {})}\n`);
      return EXIT.done;
    } catch (error) {
      throw explained(error, { driver, address: wish.address, server });
    } finally {
      await reach.close();
    }
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** Methods of a service whose contract is known only now. */
type Methods = Readonly<Record<string, (request: unknown, options: SendOptions) => Promise<unknown>>>;

/** The component that makes a resource what it shall be. */
async function driverOf({ address }: Wish, { server }: ResourceContext): Promise<string> {
  const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
  const { kinds } = await server.ask((registry, options) => registry.kinds({}, options));
  const driver = kinds.find(({ name }) => name === resource?.kind)?.driver ?? "";
  if (driver !== "") return driver;
  const taking = kinds.filter((kind) => kind.driver !== "").map(({ name }) => name);
  const others = taking.length === 0 ? "and no kind here has one" : `kinds that do are ${taking.join(", ")}`;
  throw new CommandError(
    `Cannot send to "${address}": its kind ${resource?.kind} has no component that takes messages, ${others}`,
  );
}

/** Finds where a driver runs: beside the registry, or in this project. @throws CommandError where it runs in neither */
async function reachDriver(driver: string, wish: Wish, { server, terminal }: ResourceContext): Promise<Reach> {
  const near = await openReach(inputOf(wish, { server, address: server.address }), terminal);
  if (near.names.includes(driver)) return near;
  await near.close();
  const project = await openProject(inputOf(wish, { server, address: undefined }), terminal);
  if (project?.names.includes(driver)) return project;
  await project?.close();
  throw new CommandError(
    `Cannot send to "${wish.address}": its driver "${driver}" runs neither at ${server.address} nor in this project`,
    { exit: EXIT.notFound, tip: "orrery run FILE, with the component that drives it" },
  );
}

async function openProject(input: CommandInput, terminal: Terminal): Promise<Reach | undefined> {
  try {
    return await openReach(input, terminal);
  } catch (error) {
    if (error instanceof NothingRuns) return undefined;
    throw error;
  }
}

/** Flags by which components are found, in the place of those by which the server is. */
function inputOf(
  { input }: Wish,
  { server, address }: { readonly server: Server; readonly address: string | undefined },
): CommandInput {
  const own: Readonly<Record<string, string | undefined>> = { address, agent: server.agent };
  return { ...input, text: (flag) => (Object.hasOwn(own, flag) ? own[flag] : input.text(flag)) };
}

/** Says of what its driver answered, or did not, which driver that is. */
function explained(
  error: unknown,
  { driver, address, server }: { readonly driver: string; readonly address: string; readonly server: Server },
): unknown {
  if (!isOrreryError(error)) return error;
  if (error.kind === "timeout")
    return new CommandError(
      `Cannot wait any longer for "${driver}": it gave no answer about ${address} within ${server.timeoutMs} ms`,
      { exit: EXIT.timeout, tip: "the same with a longer --timeout", cause: error },
    );
  const message = `${error.message} (${driver} as ${server.agent})`;
  return new CommandError(message, { exit: exitCodeOf(error), cause: error });
}

function readRequest(text: string): object {
  try {
    const json = JSON.parse(text) as unknown;
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  } catch (cause) {
    throw usageError(`Cannot read the message "${text}": ${(cause as Error).message}, write JSON such as '{"n":1}'`);
  }
  throw usageError(`Cannot read the message "${text}": it is no object, write JSON such as '{"n":1}'`);
}
