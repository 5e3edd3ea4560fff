import { isOrreryError } from "@orrery/core";
import type { LogThreshold } from "@orrery/platform/service";
import type { ResourceMessage } from "@orrery/registry/service";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { statusJson } from "../resources/resource-form.ts";
import { untilUndisturbed } from "../resources/until-undisturbed.ts";
import { tellWritten, type WrittenMessage } from "../resources/written.ts";
import { LOG_OBEYED_LOOK_MS } from "./limits.ts";
import { type LogWords, readLevel, readLogWords } from "./log-words.ts";
import { unsetLevel } from "./run-log-unset.ts";

interface Wish extends LogWords {
  /** Undefined for that which counts where nothing is said. */
  readonly level: LogThreshold | undefined;
}

/** `orrery log set` */
export const command: ResourceCommand<Wish> = {
  read: ({ words: [pattern = "", level = ""] }) => ({ ...readLogWords(pattern), level: readLevel(level) }),
  act: ({ level, ...words }, context) =>
    level === undefined ? unsetLevel(words, context) : setLevel({ ...words, level }, context),
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** Writes it, and waits until it is obeyed. */
async function setLevel(
  { address, pattern, level }: LogWords & { readonly level: LogThreshold },
  context: ResourceContext,
): Promise<ExitCode> {
  const { server } = context;
  const written = await untilUndisturbed(async () => {
    const made = { address, kind: "LogLevel", properties: { pattern, level } };
    const change = { address, properties: { level } };
    try {
      return (await server.ask((registry, options) => registry.change(change, options))).written; // Who may write it need not be one who may create it.
    } catch (error) {
      if (!isMissing(error)) throw error;
      return (await server.ask((registry, options) => registry.create(made, options))).written;
    }
  });
  await untilObeyed(address, level, context);
  const next = level === "off" ? `log unset '${pattern}'` : `log tail '${pattern}' --follow`;
  await tellWritten(written as WrittenMessage, { done: `Set ${level} on ${pattern} by`, next }, context);
  return EXIT.done;
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof CommandError ? error.cause : error;
  return isOrreryError(cause) && cause.code === "not_found";
}

/** @throws CommandError where it counts for nothing, and why */
async function untilObeyed(address: string, level: LogThreshold, { server }: ResourceContext): Promise<void> {
  for (const lastMs = performance.now() + server.timeoutMs; performance.now() < lastMs; ) {
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    const { state, reason, details } = statusJson(resource as ResourceMessage) as {
      readonly state: string;
      readonly reason?: string;
      readonly details?: Readonly<Record<string, unknown>>;
    };
    if (state === "Ready" && details?.["level"] === level) return;
    if (state === "Panic")
      throw new CommandError(`Cannot set a log level by "${address}": ${reason ?? state}`, {
        exit: EXIT.failed,
        tip: "orrery log ls",
      });
    await new Promise((resolve) => setTimeout(resolve, LOG_OBEYED_LOOK_MS));
  }
  throw new CommandError(`Cannot wait any longer for log level "${address}": it is written, and not obeyed yet`, {
    exit: EXIT.timeout,
    tip: `orrery get ${address}`,
  });
}
