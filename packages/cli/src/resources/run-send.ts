import type { SendOptions } from "@orrery/core";
import { findMethod } from "../call/find-method.ts";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { openReach } from "../reach/reach.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "./resource-command.ts";
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
    const at = (flag: string) => (flag === "address" ? server.address : wish.input.text(flag));
    const reach = await openReach({ ...wish.input, text: at }, terminal);
    try {
      const { service, name, ...found } = await reach.find(driver);
      const { localName, mode } = findMethod({ service, name, ...found }, wish.method);
      if (mode !== "sync")
        throw usageError(`Cannot send "${wish.method}" to "${wish.address}": it is ${mode}, use orrery call ${driver}`);
      const methods = reach.client.client(service) as unknown as Methods;
      const reply = await methods[localName]?.({ address: wish.address, ...wish.request }, { shardKey: wish.address });
      await terminal.write(`${JSON.stringify(reply ?? {})}\n`);
      return EXIT.done;
    } catch (error) {
      throw server.explain(error);
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

function readRequest(text: string): object {
  try {
    const json = JSON.parse(text) as unknown;
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  } catch (cause) {
    throw usageError(`Cannot read the message "${text}": ${(cause as Error).message}, write JSON such as '{"n":1}'`);
  }
  throw usageError(`Cannot read the message "${text}": it is no object, write JSON such as '{"n":1}'`);
}
