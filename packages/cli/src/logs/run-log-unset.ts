import { isOrreryError } from "@orrery/core";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { tellWritten } from "../resources/written.ts";
import { type LogWords, readLogWords } from "./log-words.ts";

/** `orrery log unset` */
export const command: ResourceCommand<LogWords> = {
  read: ({ words: [pattern = ""] }) => readLogWords(pattern),
  act: unsetLevel,
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** Has a pattern say nothing any more. @throws CommandError where it said nothing */
export async function unsetLevel({ address, pattern, space }: LogWords, context: ResourceContext): Promise<ExitCode> {
  const { server } = context;
  try {
    const { written } = await server.ask((registry, options) => registry.remove({ address }, options));
    await tellWritten(written, { done: `Set nothing on ${pattern} any more by removing` }, context);
    return EXIT.done;
  } catch (error) {
    const cause = error instanceof CommandError ? error.cause : error;
    if (!isOrreryError(cause) || cause.code !== "not_found") throw error;
    throw new CommandError(`Cannot unset the log level of "${pattern}": none is set on it`, {
      exit: EXIT.notFound,
      tip: `orrery log ls --space=${space}`,
      cause,
    });
  }
}
