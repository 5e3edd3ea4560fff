import type { Client } from "@orrery/core";
import { MembersService } from "@orrery/platform/services";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { asked, readSpace } from "../spaces/space-place.ts";
import { table } from "../table.ts";

/** An invite that is meant. */
interface InviteWish {
  readonly space: string;
  readonly email: string;
  readonly own: boolean;
}

type Question<T> = (client: Client<typeof MembersService>, options: { readonly timeoutMs: number }) => Promise<T>;

function ask<T>({ server }: Pick<ResourceContext, "server">, question: Question<T>): Promise<T> {
  const { timeoutMs } = server;
  return asked(server, () => question(server.node.client(MembersService), { timeoutMs }));
}

const readWish: ResourceCommand<InviteWish>["read"] = (input, terminal) => {
  const own = input.has("own");
  return { space: own ? "" : readSpace(input, terminal), email: input.words[0] ?? "", own };
};

const dayOf = (at: bigint) => new Date(Number(at)).toISOString().slice(0, 10);

/** `orrery invite EMAIL` */
export const invite: ResourceCommand<InviteWish> = {
  read: readWish,
  act: async (wish, context) => {
    const { invite: made } = await ask(context, (client, options) => client.invite(wish, options));
    const { space = "", email = "", until = 0n } = made ?? {};
    const { terminal, isJson } = context;
    if (isJson) await terminal.write(`${JSON.stringify({ space, email, until: Number(until) })}\n`);
    else
      await terminal.write(
        `Invited ${email} to ${space === "" ? "a space of his own" : space}, until ${dayOf(until)}\n`,
      );
    return EXIT.done;
  },
};

/** `orrery invite ls` */
export const list: ResourceCommand<InviteWish> = {
  read: readWish,
  act: async ({ space, own }, context) => {
    const { invites } = await ask(context, (client, options) => client.listInvites({ space, own }, options));
    const { terminal, isJson } = context;
    const facts = invites.map(({ email, by, until }) => ({ email, by, until: Number(until) }));
    if (isJson) await terminal.write(`${JSON.stringify(facts)}\n`);
    else if (invites.length === 0) terminal.say("Nobody is invited");
    else {
      const rows = invites.map(({ email, by, until }) => [email, by, dayOf(until)]);
      await terminal.write(`${table([["EMAIL", "BY", "UNTIL"], ...rows]).join("\n")}\n`);
    }
    return EXIT.done;
  },
};

/** `orrery admin invites` */
const listOwn: ResourceCommand<InviteWish> = { ...list, read: () => ({ space: "", email: "", own: true }) };

/** `orrery invite revoke EMAIL` */
export const revoke: ResourceCommand<InviteWish> = {
  read: readWish,
  act: async (wish, context) => {
    await ask(context, (client, options) => client.revokeInvite(wish, options));
    if (context.isJson) await context.terminal.write(`${JSON.stringify({ email: wish.email, revoked: true })}\n`);
    else await context.terminal.write(`Revoked the invite of ${wish.email}\n`);
    return EXIT.done;
  },
};

/** `orrery leave` */
export const leave: ResourceCommand<undefined> = {
  read: () => undefined,
  act: async (_, context) => {
    await ask(context, (client, options) => client.leave({}, options));
    const { terminal, isJson, server } = context;
    if (isJson) await terminal.write(`${JSON.stringify({ left: server.agent })}\n`);
    else await terminal.write(`${server.agent} is no more\n`);
    return EXIT.done;
  },
};

/** What is done when each is typed alone. */
export const handlers = {
  invite: handlerOf(invite),
  list: handlerOf(list),
  listOwn: handlerOf(listOwn),
  revoke: handlerOf(revoke),
  leave: handlerOf(leave),
};
