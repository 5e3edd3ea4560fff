import { type Clock, type Log, OrreryError, type Random, randomName } from "@orrery/core";
import type { SecretBox } from "@orrery/registry";
import { ALERT_KINDS, type AlertSink, type Alerts, type Incident, type PostAlert } from "./alerts.ts";
import { ALERT_BATCH, ALERT_RETRY_MS, ALERT_SINKS_MAX, ALERT_SLEEP_MAX_MS, ALERT_TRIES_MAX } from "./limits.ts";
import type { AlertRecords, Delivery } from "./sql-alerts.ts";

/** Options of `createAlerts`. */
export interface AlertsOptions {
  readonly records: AlertRecords;
  readonly post: PostAlert;
  /** Closes the secrets of sinks. */
  readonly secrets: SecretBox;
  readonly clock: Clock;
  /** Must be fit for secrets. */
  readonly random: Random;
  readonly log: Log;
}

/** Makes it; nothing is delivered before `run`. A delivery is tried again ever more seldom, and given up after so many times: then it is dead, which is told. */
export function createAlerts(options: AlertsOptions): Alerts {
  const { records, clock, random, secrets } = options;
  let wake = () => {};
  const tell = async (event: "raised" | "over", incident: Omit<Incident, "id">) => {
    const at = clock.now();
    const { kind, subject, text, since } = incident;
    const data = { kind, subject, text, since: new Date(since).toISOString() };
    const body = JSON.stringify({ type: `alert.${event}`, timestamp: new Date(at).toISOString(), data });
    const sinks = (await records.sinks()).filter(({ kinds }) => kinds.length === 0 || kinds.includes(kind));
    await records.queue(
      sinks.map(({ name }) => ({ id: `alert-${randomName(random)}`, sink: name, body })),
      at,
    );
    wake();
  };
  return {
    raise: async ({ kind, subject = "", text }) => {
      const incident = { kind, subject, text: text.slice(0, 500), since: clock.now() };
      if ((await records.open(incident)) !== undefined) await tell("raised", incident);
    },
    clear: async ({ kind, subject = "" }) => {
      const ended = await records.end(kind, subject, clock.now());
      if (ended !== undefined) await tell("over", ended);
    },
    incidents: () => records.incidents(),
    add: async (sink) => {
      assertSink(sink);
      if ((await records.sinks()).length >= ALERT_SINKS_MAX)
        throw new OrreryError(
          "resource_exhausted",
          `Cannot add alert "${sink.name}": there are ${ALERT_SINKS_MAX}, remove one`,
        );
      const secret = `whsec_${Buffer.from(random.bytes(24)).toString("base64")}`;
      if (await records.add({ ...sink, secret: secrets.seal(secret, `alert ${sink.name}`) })) return secret;
      throw new OrreryError(
        "already_exists",
        `Cannot add alert "${sink.name}": there is one of that name, remove it first`,
      );
    },
    list: async () => (await records.sinks()).map(({ secret: _, ...sink }) => sink),
    remove: async (name) => {
      if (!(await records.remove(name))) throw unknownSink(name);
    },
    test: async (name) => {
      const sink = (await records.sinks()).find((one) => one.name === name);
      if (sink === undefined) throw unknownSink(name);
      const body = JSON.stringify({
        type: "alert.test",
        timestamp: new Date(clock.now()).toISOString(),
        data: { text: "It works" },
      });
      const delivery = { ...sink, id: `alert-${randomName(random)}`, sink: name, body, tries: 0 };
      return send(delivery, options).then(
        () => ({ ok: true, told: "it was taken" }),
        (error: unknown) => ({ ok: false, told: (error as Error).message }),
      );
    },
    run: async (signal) => {
      while (!signal.aborted) {
        const woken = new AbortController();
        wake = () => woken.abort();
        const wait = await deliverDue(options).catch((error: unknown) => {
          options.log.warn("alerts wait", { error: String(error) });
          return ALERT_RETRY_MS;
        });
        await clock.sleep(Math.max(1, wait), AbortSignal.any([signal, woken.signal])).catch(() => undefined);
      }
    },
  };
}

/** Tries what is due; gives how long nothing is. */
async function deliverDue(options: AlertsOptions): Promise<number> {
  const { records, clock, log } = options;
  await records.sweep(clock.now());
  for (const delivery of await records.due(clock.now(), ALERT_BATCH)) {
    const error = await send(delivery, options).then(
      () => "",
      (reason: unknown) => (reason as Error).message.slice(0, 300) || "it failed",
    );
    const isLast = delivery.tries + 1 >= ALERT_TRIES_MAX;
    const due = error === "" || isLast ? null : clock.now() + ALERT_RETRY_MS * 2 ** delivery.tries;
    await records.tried(delivery.id, { due, error });
    if (error !== "" && isLast)
      log.error("an alert was given up", { sink: delivery.sink, tries: ALERT_TRIES_MAX, error });
  }
  const next = await records.nextDue();
  return Math.min(ALERT_SLEEP_MAX_MS, (next ?? Number.POSITIVE_INFINITY) - clock.now());
}

async function send({ id, sink, url, secret, body }: Delivery, { post, secrets, clock }: AlertsOptions): Promise<void> {
  await post({ id, at: clock.now(), body, url, secret: secrets.open(secret, `alert ${sink}`) });
}

function assertSink({ name, url, kinds }: AlertSink): void {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
    throw new OrreryError(
      "invalid_argument",
      `Cannot add alert "${name}": write small letters, digits and "-", such as pager`,
    );
  if (!/^https?:\/\/[^\s@]+$/.test(url) || !URL.canParse(url) || url.length > 2_000)
    throw new OrreryError(
      "invalid_argument",
      `Cannot add alert "${name}": its URL must be http or https, without a password`,
    );
  const unknown = kinds.find((kind) => !ALERT_KINDS.includes(kind));
  if (unknown !== undefined)
    throw new OrreryError(
      "invalid_argument",
      `Cannot add alert "${name}": there is no kind "${unknown}", there are ${ALERT_KINDS.join(", ")}`,
    );
}

function unknownSink(name: string): OrreryError {
  return new OrreryError("not_found", `Cannot find alert "${name}": there is none of that name, see orrery alert ls`);
}
