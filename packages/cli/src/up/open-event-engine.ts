import type { NatsEngine } from "@orrery/platform/nats";
import { typed, usageError } from "../command-error.ts";

/** Opens what keeps events beside the database, where that was asked for. @throws CommandError for a word that is none; OrreryError as `openNatsEngine` */
export async function openEventEngine(events: string): Promise<NatsEngine | undefined> {
  if (events === "embedded") return undefined;
  if (!/^(nats|tls):\/\//.test(events))
    throw usageError(
      `Cannot read flag --events: "${events}" is none, write embedded, or the URL of a NATS such as nats://host:4222`,
    );
  const { openNatsEngine } = await import("@orrery/platform/nats");
  return typed(() => openNatsEngine(events));
}
