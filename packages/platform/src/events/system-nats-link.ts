import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { OrreryError } from "@orrery/core";

/** A connection with servers of NATS, which mends itself. */
export interface NatsLink extends AsyncDisposable {
  readonly connection: NatsConnection;
  readonly streams: JetStreamClient;
  readonly manager: JetStreamManager;
  /** In front of all names of this platform. */
  readonly prefix: string;
  /** On how many servers each stream is kept. */
  readonly replicas: number;
  /** Where it is, without what is secret. */
  readonly name: string;
}

/** How long one request may take. */
const TIMEOUT_MS = 10_000;

/**
 * Connects with NATS, 2.9 or newer with JetStream. A URL is such as `nats://user:password@host:4222?replicas=3&prefix=blue`; further servers of a cluster are
 * told by the first.
 * @throws OrreryError `invalid_argument` for a URL that is none, `unavailable` where nobody answers, `failed_precondition` without JetStream
 */
export async function openNats(url: string): Promise<NatsLink> {
  const { servers, user, pass, prefix, replicas, tls } = parseNatsUrl(url);
  const refuse = (code: "unavailable" | "failed_precondition", why: string, cause: unknown) =>
    new OrreryError(code, `Cannot keep events in "${servers}": ${why}`, { cause });
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers,
      timeout: TIMEOUT_MS,
      maxReconnectAttempts: -1,
      ...(user !== "" && { user, pass }),
      ...(tls && { tls: {} }),
    });
  } catch (cause) {
    throw refuse("unavailable", "no server of NATS answers there", cause);
  }
  try {
    const manager = await jetstreamManager(connection, { timeout: TIMEOUT_MS });
    const streams = jetstream(connection, { timeout: TIMEOUT_MS });
    const dispose = () => connection.close();
    return {
      connection,
      streams,
      manager,
      prefix,
      replicas,
      name: `nats://${servers}`,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (cause) {
    await connection.close();
    throw refuse("failed_precondition", "it has no JetStream, start nats-server with -js", cause);
  }
}

interface NatsPlace {
  readonly servers: string;
  readonly user: string;
  readonly pass: string;
  readonly prefix: string;
  readonly replicas: number;
  readonly tls: boolean;
}

/** Reads the URL of a NATS. @throws OrreryError `invalid_argument` for one that is none; its text has no password */
export function parseNatsUrl(text: string): NatsPlace {
  const shown = text.replace(/\/\/[^@/]*@/, "//…@");
  const refuse = (why: string) => new OrreryError("invalid_argument", `Cannot keep events in "${shown}": ${why}`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(nats|tls):$/.test(url.protocol) || url.hostname === "")
    throw refuse("it is no URL of NATS, write one such as nats://host:4222");
  const known = ["replicas", "prefix"];
  const other = [...url.searchParams.keys()].find((name) => !known.includes(name));
  if (other !== undefined) throw refuse(`"${other}" is no setting of it, settings are ${known.join(" and ")}`);
  const replicas = url.searchParams.get("replicas") ?? "1";
  if (!/^[1-5]$/.test(replicas)) throw refuse(`replicas are ${replicas}, from 1 to 5 there may be`);
  const prefix = url.searchParams.get("prefix") ?? "orrery";
  if (!/^[a-z0-9-]{1,32}$/.test(prefix))
    throw refuse(`prefix "${prefix}" is no name, write up to 32 small letters, digits and "-"`);
  return {
    servers: `${url.hostname}:${url.port || "4222"}`,
    user: decodeURIComponent(url.username),
    pass: decodeURIComponent(url.password),
    prefix,
    replicas: Number(replicas),
    tls: url.protocol === "tls:",
  };
}
