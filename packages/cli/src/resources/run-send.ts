import { isOrreryError, type SendOptions } from "@orrery/core";
import type { MethodContract } from "@orrery/core/internal";
import { CallsService } from "@orrery/platform/service";
import { findMethod } from "../call/find-method.ts";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { exitCodeOf } from "../exit-code.ts";
import { readFields, replyToJson } from "../fields/index.ts";
import { NothingRuns, openReach, type Reach, type ReachedService } from "../reach/reach.ts";
import type { Terminal } from "../terminal.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "./resource-command.ts";
import type { Server } from "./server.ts";
import { readAddress } from "./target.ts";

interface Wish {
  readonly address: string;
  readonly method: string;
  /** JSON, or a text. */
  readonly message: unknown;
  readonly input: CommandInput;
}

/** `orrery send` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const [text = "", method = "", message] = input.words;
    return { address: readAddress(text), method, message: readMessage(message), input };
  },
  act: async (wish, context) => {
    const { server, terminal } = context;
    if (server.address.startsWith("http")) return await sendByPlatform(wish, context);
    const driver = await driverOf(wish, context);
    await assertMayExecute(wish.address, context);
    const reach = await reachDriver(driver, wish, context);
    try {
      const found = await reach.find(driver);
      const { method, request } = callOf(wish, found);
      const methods = reach.client.client(found.service) as unknown as Methods;
      const options = { shardKey: wish.address, timeoutMs: server.timeoutMs };
      const reply = (await methods[method.localName]?.(request, options)) ?? {};
      await terminal.write(`${JSON.stringify(replyToJson({ service: found.contract, method }, reply))}\n`);
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

/** Has the platform pass the message on: by HTTP nobody reaches its components himself. */
async function sendByPlatform(
  { address, method, message }: Wish,
  { server, terminal }: ResourceContext,
): Promise<ExitCode> {
  const { node, timeoutMs } = server;
  const body = message === undefined ? NOTHING : new TextEncoder().encode(JSON.stringify(message));
  try {
    const { reply } = await node.client(CallsService).send({ address, method, message: body }, { timeoutMs });
    await terminal.write(`${new TextDecoder().decode(reply)}\n`);
    return EXIT.done;
  } catch (error) {
    throw server.explain(error);
  }
}

const NOTHING = new Uint8Array(0);

/** Whoever sends must have a right to; a driver that is guarded looks again. */
async function assertMayExecute(address: string, { server }: ResourceContext): Promise<void> {
  const { agent } = server;
  const wish = { agent, verb: "execute", address };
  const { allowed, why } = await server.ask((registry, options) => registry.can(wish, options));
  if (allowed) return;
  throw new CommandError(
    `Cannot send to "${address}": ${why}, ask an owner for a grant (${server.address} as ${agent})`,
    {
      exit: EXIT.refused,
      tip: `orrery auth can ${agent} execute ${address}`,
    },
  );
}

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
  if (error.kind === "timeout" || error.code === "deadline_exceeded")
    return new CommandError(
      `Cannot wait any longer for "${driver}": it gave no answer about ${address} within ${server.timeoutMs} ms`,
      { exit: EXIT.timeout, tip: "the same with a longer --timeout", cause: error },
    );
  const message = `${error.message} (${driver} as ${server.agent})`;
  return new CommandError(message, { exit: exitCodeOf(error), cause: error });
}

/** The method of a driver that a message goes to, and its request: one of that name, or, where the driver takes any message, that. */
function callOf(
  { address, method: said, message }: Wish,
  found: ReachedService,
): { readonly method: MethodContract; readonly request: unknown } {
  const general = takesAny(found);
  const method = general ?? findMethod(found, said);
  if (method.mode !== "sync")
    throw usageError(`Cannot send "${said}" to "${address}": it is ${method.mode}, use orrery call ${found.name}`);
  if (general === undefined) assertObject(message);
  const base =
    general === undefined ? { address, ...(message as object | undefined) } : { address, method: said, message };
  const { request } = readFields({
    ...{ service: found.contract, method, args: [], base: JSON.stringify(base) },
    readFile: () => new Uint8Array(),
  });
  return { method, request };
}

/** The method by which a driver takes messages of any name: it is called Send, and is told address, method and message. One with schemas has no other. */
function takesAny({ contract: { source, methods } }: ReachedService): MethodContract | undefined {
  if (source.kind === "schema") return methods.size === 1 ? methods.get("send") : undefined;
  const fields = source.service.method["send"]?.input.fields.map(({ name }) => name) ?? [];
  return ["address", "method", "message"].every((name) => fields.includes(name)) ? methods.get("send") : undefined;
}

/** What reads as JSON is that, and all else is text, but for what begins as JSON does. */
function readMessage(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    if (!/^\s*[[{]/.test(text)) return text;
    throw usageError(`Cannot read the message "${text}": ${(cause as Error).message}, write JSON such as '{"n":1}'`);
  }
}

function assertObject(message: unknown): void {
  if (message === undefined || (typeof message === "object" && message !== null && !Array.isArray(message))) return;
  const text = typeof message === "string" ? message : JSON.stringify(message);
  throw usageError(`Cannot read the message "${text}": it is no object, write JSON such as '{"n":1}'`);
}
