import { EXIT } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { handlerOf, type ResourceCommand } from "./resource-command.ts";
import { readAddress } from "./target.ts";

interface Wish {
  readonly address: string;
  readonly ttlMs: bigint;
  readonly options: { readonly token: string };
}

/** `orrery lock` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({
    address: readAddress(input.words[0] ?? ""),
    ttlMs: BigInt(parseTime(input.text("ttl") ?? "30s", "ttl")),
    options: { token: input.text("token") ?? "" },
  }),
  act: async (wish, { server, terminal, isJson }) => {
    const { token, fence, untilMs } = await server.ask((registry, options) => registry.lock(wish, options));
    const until = new Date(Number(untilMs)).toISOString();
    if (isJson) {
      const facts = { address: wish.address, token, fence: Number(fence), until: Number(untilMs) };
      await terminal.write(`${JSON.stringify(facts)}\n`);
      return EXIT.done;
    }
    await terminal.write(`${token}\n`);
    terminal.say(
      `Locked ${wish.address} until ${until}, fence ${fence}: write with --token, and give it back with orrery unlock`,
    );
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
