import { isOrreryError, type LogSink } from "@orrery/core";
import type { App } from "@orrery/mesh";
import type { LocalPlatform } from "@orrery/platform";
import { CommandError, EXIT } from "../command-error.ts";
import { UP_WEB_PORT } from "../up/limits.ts";

/** What answers by the routes of apps. */
export interface LocalWeb {
  /** Such as `http://127.0.0.1:7780`. */
  readonly address: string;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** What is served, and where. */
export interface OpenWebOptions {
  readonly app: App;
  /** The `orrery.yaml` of each app. */
  readonly files: readonly string[];
  /** Undefined for the usual one, or any where that is taken. */
  readonly port: number | undefined;
  /** What the apps find of a platform. */
  readonly platform: LocalPlatform | undefined;
  readonly log: LogSink;
}

/** Serves the routes of apps; undefined where they have none. @throws CommandError where the port that was named is taken */
export async function openWeb({ app, files, port, platform, log }: OpenWebOptions): Promise<LocalWeb | undefined> {
  const { createLocalWeb } = await import("@orrery/platform");
  const resources = platform && { resources: () => platform.parts };
  const server = createLocalWeb({ files, node: app.node, services: await app.services(), ...resources, log });
  if (server === undefined) return undefined;
  try {
    const usual = () => server.listen({ port: UP_WEB_PORT }).catch(unlessTaken(() => server.listen({ port: 0 })));
    const address = port === undefined ? await usual() : await server.listen({ port });
    return { address, close: (options) => server.close(options) };
  } catch (cause) {
    await server.close({ timeoutMs: 0 });
    if (!isOrreryError(cause) || cause.code !== "unavailable") throw cause;
    throw new CommandError(cause.message.replace("another", "another with --web-port"), { exit: EXIT.notFound, cause });
  }
}

function unlessTaken<T>(then: () => Promise<T>): (error: unknown) => Promise<T> {
  return (error) => {
    if (isOrreryError(error) && error.code === "unavailable") return then();
    throw error;
  };
}
