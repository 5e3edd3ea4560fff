import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";

/** `orrery whoami` */
export const command: ResourceCommand<{ readonly withRoles: boolean }> = {
  read: (input) => ({ withRoles: input.has("roles") }),
  act: async ({ withRoles }, { server, terminal, isJson }) => {
    const { agent, operator, roles } = await server.ask((registry, options) => registry.whoami({}, options));
    const name = agent === "" ? "anonymous" : agent;
    const facts = { agent: name, operator, ...(withRoles && { roles }) };
    const lines = [`${name}${operator ? ", an operator" : ""}`, ...(withRoles ? roles : [])];
    await terminal.write(isJson ? `${JSON.stringify(facts)}\n` : `${lines.join("\n")}\n`);
    if (withRoles && roles.length === 0) terminal.say(`${name} has no roles`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
