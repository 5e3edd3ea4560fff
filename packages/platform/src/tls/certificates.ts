import type { Clock, Log } from "@orrery/core";
import {
  CERTIFICATES_MAX,
  HANDSHAKE_WAIT_MS,
  ORDER_AGAIN_MAX_MS,
  ORDER_AGAIN_MS,
  ORDERS_MAX,
  ORDERS_WAITING_MAX,
  RENEW_LOOK_MS,
} from "./limits.ts";
import { type Certificate, renewalOf, type Validity, validityOf } from "./system-certificate.ts";

/** Where certificates are kept. */
export interface CertificateStore {
  read(host: string): Promise<Certificate | undefined>;
  write(host: string, certificate: Certificate): Promise<void>;
  hosts(): Promise<readonly string[]>;
  remove(host: string): Promise<void>;
}

/** Who makes certificates. */
export interface CertificateIssuer {
  /** Makes one for a host. @throws OrreryError where it is not made */
  order(host: string): Promise<Certificate>;
}

/** Certificates by hosts. */
export interface Certificates extends AsyncDisposable {
  /** That of a host, which is ordered where it is served here and has none; undefined where there is none in time. */
  of(host: string): Promise<Certificate | undefined>;
}

/** Options of `createCertificates`. */
export interface CertificatesOptions {
  /** Where they are kept. */
  readonly store: CertificateStore;
  /** Who makes those that are not there. */
  readonly issuer: CertificateIssuer;
  /** Whether a host is one of a Space here: for others nothing is ordered. */
  readonly isServed: (host: string) => Promise<boolean>;
  /** Says what time it is, and when to look again. */
  readonly clock: Clock;
  /** Told what was made, and what went wrong. */
  readonly log: Log;
}

/** What is known of one host. */
interface Known extends Validity {
  readonly certificate: Certificate;
}

interface Failure {
  readonly waitMs: number;
  readonly untilMs: number;
}

/**
 * Makes what has certificates at hand. I1: of one host one order is under way at a time, and at most `ORDERS_MAX` of all. I2: a host that failed
 * waits, longer each time. I3: a certificate is renewed at two thirds of its life, and the one before serves until the next is there.
 */
export async function createCertificates(options: CertificatesOptions): Promise<Certificates> {
  const certificates = new KeptCertificates(options);
  await certificates.start();
  return certificates;
}

class KeptCertificates implements Certificates {
  readonly #options: CertificatesOptions;
  readonly #known = new Map<string, Known>();
  readonly #ordering = new Map<string, Promise<Known | undefined>>();
  readonly #failed = new Map<string, Failure>();
  readonly #waiting: (() => void)[] = [];
  readonly #ended = new AbortController();
  #free = ORDERS_MAX;
  #renewing: Promise<void> = Promise.resolve();

  constructor(options: CertificatesOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#renewing = this.#renew();
  }

  async of(host: string): Promise<Certificate | undefined> {
    const { clock, isServed } = this.#options;
    const known = await this.#find(host);
    const nowMs = clock.now();
    if (known !== undefined && nowMs < known.untilMs) {
      if (nowMs >= renewalOf(known) && (await isServed(host))) void this.#order(host);
      return known.certificate;
    }
    if (!(await isServed(host))) return undefined;
    return (await this.#inTime(this.#order(host)))?.certificate;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    for (const go of this.#waiting.splice(0)) go();
    await this.#renewing;
    await Promise.all(this.#ordering.values());
  }

  async #find(host: string): Promise<Known | undefined> {
    const known = this.#known.get(host);
    if (known !== undefined) return known;
    const certificate = await this.#options.store.read(host);
    return certificate === undefined ? undefined : this.#take(host, certificate);
  }

  #take(host: string, certificate: Certificate): Known {
    const known = { certificate, ...validityOf(certificate) };
    this.#known.delete(host);
    if (this.#known.size >= CERTIFICATES_MAX) this.#known.delete(this.#known.keys().next().value ?? "");
    this.#known.set(host, known);
    return known;
  }

  #order(host: string): Promise<Known | undefined> {
    const under = this.#ordering.get(host); // I1
    if (under !== undefined) return under;
    const nowMs = this.#options.clock.now();
    if ((this.#failed.get(host)?.untilMs ?? 0) > nowMs) return Promise.resolve(undefined); // I2
    if (this.#waiting.length >= ORDERS_WAITING_MAX) return Promise.resolve(undefined);
    const order = this.#make(host).finally(() => this.#ordering.delete(host));
    this.#ordering.set(host, order);
    return order;
  }

  async #make(host: string): Promise<Known | undefined> {
    const { issuer, store, log, clock } = this.#options;
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      if (this.#ended.signal.aborted) return undefined;
      const certificate = await issuer.order(host);
      await store.write(host, certificate);
      this.#failed.delete(host);
      const known = this.#take(host, certificate);
      log.info("a certificate was made", { host, until: new Date(known.untilMs).toISOString() });
      return known;
    } catch (error) {
      const waitMs = Math.min(ORDER_AGAIN_MAX_MS, (this.#failed.get(host)?.waitMs ?? ORDER_AGAIN_MS / 2) * 2);
      this.#failed.set(host, { waitMs, untilMs: clock.now() + waitMs });
      const seconds = Math.round(waitMs / 1_000);
      log.error("no certificate was made", { host, error: (error as Error).message, again: `in ${seconds} s` });
      return undefined;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  async #inTime(order: Promise<Known | undefined>): Promise<Known | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = this.#options.clock.timer(HANDSHAKE_WAIT_MS, () => late.resolve(undefined));
    return Promise.race([order, late.promise]).finally(() => timer.cancel());
  }

  /** Looks from time to time at all that is kept. I3 */
  async #renew(): Promise<void> {
    const { clock, store, isServed, log } = this.#options;
    while (!this.#ended.signal.aborted) {
      try {
        for (const host of await store.hosts()) {
          const known = await this.#find(host);
          if (this.#ended.signal.aborted || known === undefined || clock.now() < renewalOf(known)) continue;
          if (await isServed(host)) await this.#order(host);
          else if (clock.now() >= known.untilMs) await this.#forget(host);
        }
      } catch (error) {
        log.error("certificates could not be looked at", { error: (error as Error).message });
      }
      await clock.sleep(RENEW_LOOK_MS, this.#ended.signal).catch(() => undefined);
    }
  }

  async #forget(host: string): Promise<void> {
    this.#known.delete(host);
    await this.#options.store.remove(host);
  }
}
