import type { Random } from "@orrery/core";
import {
  createKindDriver,
  type KindDriver,
  type KindDriverOptions,
  listPages,
  type Registry,
  type ResourceView,
  type Status,
} from "@orrery/registry";
import { drawSecret } from "../accounts/token-text.ts";
import { DOMAIN_DRIVER } from "./domain-kind.ts";
import { DOMAINS_MAX, PROOF_LOOK_MS } from "./limits.ts";
import { proofOf, whyNoDomain } from "./proof.ts";

/** Options of `openDomains`. */
export interface DomainsOptions extends KindDriverOptions {
  /** One that has the kind. */
  readonly registry: Pick<Registry, "get" | "list" | "watch" | "change">;
  /** Texts of a name in the DNS; none where it has none. @throws where it cannot be told */
  readonly texts: (name: string) => Promise<readonly string[]>;
  /** Draws what proofs say; must be fit for secrets. */
  readonly random: Random;
}

/**
 * The domains of Spaces. I1: a domain leads to at most one Space, whose owner has shown that the DNS of the domain is his. I2: what was proven
 * stays so until it is removed, whatever the DNS says or does not say later.
 */
export interface Domains extends AsyncDisposable {
  /** The Space to which a host of this name leads; undefined where that is no domain of one. */
  spaceOf(host: string): string | undefined;
}

/** Looks for the proofs of all domains of a registry that has `DOMAIN_KIND`. */
export async function openDomains({ registry, texts, random, ...options }: DomainsOptions): Promise<Domains> {
  const { agent, clock, log } = options;
  /** Addresses of the domains that are proven, by their names. */
  const proven = new Map<string, string>();
  const waiting = new Map<string, { cancel(): void }>();
  let again: (address: string) => void = () => undefined;

  const look = createLook({ registry, texts, random, agent, clock, log }, proven);
  const driver: KindDriver = createKindDriver(
    {
      kind: "Domain",
      driver: DOMAIN_DRIVER,
      left: () => [],
      drop: async (address) => {
        waiting.get(address)?.cancel();
        waiting.delete(address);
        if (proven.get(nameOf(address)) === address) proven.delete(nameOf(address));
      },
      compare: async (resource) => {
        const { address, status } = resource;
        waiting.get(address)?.cancel();
        waiting.delete(address);
        if (isProven(resource)) {
          proven.set(nameOf(address), address); // I2
          const asked = resource.properties["look"];
          const details = { ...status.details, ...(asked !== undefined && { look: asked }) };
          return { status: { state: "Ready", details }, looked: [] };
        }
        const next = await look(resource);
        if (next.state !== "Ready")
          waiting.set(
            address,
            clock.timer(PROOF_LOOK_MS, () => again(address)),
          );
        return { status: next, looked: [] };
      },
      onChange: (listener) => {
        again = listener;
      },
    },
    { registry, ...options },
  );
  await driver.start();
  return {
    spaceOf: (host) => {
      const address = proven.get(host);
      return address === undefined ? undefined : spaceIn(address);
    },
    [Symbol.asyncDispose]: async () => {
      for (const timer of waiting.values()) timer.cancel();
      await driver.stop();
    },
  };
}

function isProven({ status }: ResourceView): boolean {
  return typeof status.details?.["provenMs"] === "number";
}

function nameOf(address: string): string {
  return address.slice(address.lastIndexOf(":") + 1);
}

function spaceIn(address: string): string {
  return address.slice(0, address.indexOf(":"));
}

/** What a domain is looked at with. */
type Looking = Pick<DomainsOptions, "registry" | "texts" | "random" | "agent" | "clock" | "log">;

/** The domain of this name that is proven, other than the one at an address. */
async function holderOf(address: string, { registry, agent }: Looking): Promise<string | undefined> {
  const domain = nameOf(address);
  for await (const { resources } of listPages(registry, "**<Domain>", { agent }))
    for (const one of resources)
      if (one.address !== address && nameOf(one.address) === domain && isProven(one)) return one.address;
  return undefined;
}

/** Why a domain leads nowhere, whatever the DNS says; undefined where it may. */
async function whyRefused({ address }: ResourceView, { registry, agent }: Looking): Promise<string | undefined> {
  const [domain, space] = [nameOf(address), spaceIn(address)];
  const why = whyNoDomain(domain);
  if (why !== undefined) return `Cannot take the domain "${domain}": ${why}`;
  const same = await registry.get(domain, { agent }).catch(() => undefined);
  if (same?.kind === "Space") return `Cannot take the domain "${domain}": it is the name of a space here`;
  const own: string[] = [];
  for await (const { resources } of listPages(registry, `${space}:*<Domain>`, { agent }))
    own.push(...resources.map((one) => one.address));
  if (own.sort().indexOf(address) < DOMAINS_MAX) return undefined;
  return `Cannot take the domain "${domain}": a space has up to ${DOMAINS_MAX}, remove one first`;
}

/** Makes what looks for the proof of a domain, and says how it stands. What is proven is known by name from then on. */
function createLook(looking: Looking, proven: Map<string, string>): (resource: ResourceView) => Promise<Status> {
  const { texts, random, clock, log } = looking;
  return async (resource) => {
    const { address, status } = resource;
    const domain = nameOf(address);
    const token = typeof status.details?.["token"] === "string" ? status.details["token"] : drawSecret(random);
    const proof = proofOf(domain, token);
    const asked = resource.properties["look"];
    const details = { token, record: proof.name, text: proof.text, ...(asked !== undefined && { look: asked }) };
    const why = await whyRefused(resource, looking);
    if (why !== undefined) return { state: "Panic", reason: why, details };
    const found = await texts(proof.name).catch((error: Error) => error);
    const isThere = !(found instanceof Error) && found.includes(proof.text);
    const other = isThere ? await holderOf(address, looking) : undefined;
    if (other !== undefined || (isThere && proven.has(domain) && proven.get(domain) !== address)) {
      const reason = `Cannot take the domain "${domain}": another space has it`; // I1
      return { state: "Panic", reason, details };
    }
    if (isThere) {
      proven.set(domain, address); // Before anything else is waited for.
      log.info("a domain was proven", { domain, space: spaceIn(address) });
      return { state: "Ready", details: { ...details, provenMs: clock.now() } };
    }
    const said = found instanceof Error ? ` (${found.message})` : "";
    const reason = `set the TXT record ${proof.name} to "${proof.text}": it is not there yet${said}`;
    return { state: "Creating", reason, details };
  };
}
