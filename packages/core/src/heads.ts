import type { MethodContract, ServiceContract } from "./contract.ts";
import type { Head, Horizon, Source } from "./envelope.ts";
import { assertHorizonValues, type HorizonRules } from "./horizon.ts";
import { HEAD_TEXT_MAX, HEADS_PER_METHOD_MAX } from "./limits.ts";
import { assertNetworkName, nameIn } from "./network-name.ts";
import type { SendOptions } from "./options.ts";
import { failure } from "./orrery-error.ts";

/** Makes the heads of one source's messages. The same method, agent and options give the same object, which a connection then needs to say once. */
export interface Heads {
  /**
   * `flow` is the name of the message's flow; it is asked for only where the rules of horizons look at flows. `version` is what the range in the
   * options means.
   */
  head(
    contract: ServiceContract,
    method: MethodContract,
    agent: string,
    options: SendOptions,
    flow?: string,
    version?: string,
  ): Head;
}

/** Makes heads for a source in a network. Horizons of messages and methods are bounded by rules, if any. */
export function createHeads(from: Source, rules?: HorizonRules, network = ""): Heads {
  const source = Object.freeze({ ...from }); // Receivers within the process see this very object.
  // Two tables, so that no agent can call itself what stands for another's options.
  const plain = new Map<MethodContract, Map<string, Head>>();
  const special = new Map<MethodContract, Map<string, Head>>();
  // What was sent last is most often sent next.
  let last: Said | undefined;
  let rulesVersion = rules?.version;
  const forget = () => {
    rulesVersion = rules?.version;
    plain.clear();
    special.clear();
    last = undefined;
  };
  return {
    head(contract, method, agent, options, flow = "", version = options.version) {
      if (rules !== undefined && rules.version !== rulesVersion) forget();
      if (last !== undefined && isSaid(last, method, agent, options, flow, version)) return last.head;
      const isOnlyAgent = flow === "" && isPlain(options);
      const heads = headsOf(isOnlyAgent ? plain : special, method);
      const key = isOnlyAgent
        ? agent
        : JSON.stringify([agent, version, options.instance, options.horizon, options.network, flow]);
      let head = heads.get(key);
      if (head === undefined) {
        const isOwn = options.network !== undefined && options.network === network;
        const asked = isOwn ? keptIn(horizonOf(contract, method, options)) : horizonOf(contract, method, options);
        const subject = { component: contract.name, method: method.name, flow };
        const horizon = rules === undefined ? complete(asked) : rules.resolve(asked, subject);
        const component = destinationOf(contract, options, network);
        head = makeHead({ component, method, source, agent, options, version, horizon });
        if (heads.size < HEADS_PER_METHOD_MAX) heads.set(key, head);
      }
      // An object may be another by the next call, though it is the same.
      if (typeof options.horizon === "object") return head;
      const { instance, horizon: asked, network: to } = options;
      last = { method, agent, flow, version, instance, horizon: asked, network: to, head };
      return head;
    },
  };
}

/** What a head was made for. */
interface Said {
  readonly method: MethodContract;
  readonly agent: string;
  readonly flow: string;
  readonly version: SendOptions["version"];
  readonly instance: SendOptions["instance"];
  readonly horizon: SendOptions["horizon"];
  readonly network: SendOptions["network"];
  readonly head: Head;
}

function isSaid(
  last: Said,
  method: MethodContract,
  agent: string,
  options: SendOptions,
  flow: string,
  version: string | undefined,
): boolean {
  return (
    method === last.method &&
    agent === last.agent &&
    flow === last.flow &&
    version === last.version &&
    options.instance === last.instance &&
    options.horizon === last.horizon &&
    options.network === last.network
  );
}

function headsOf(kept: Map<MethodContract, Map<string, Head>>, method: MethodContract): Map<string, Head> {
  let heads = kept.get(method);
  if (heads === undefined) {
    heads = new Map();
    kept.set(method, heads);
  }
  return heads;
}

function isPlain(options: SendOptions): boolean {
  const { version, instance, horizon, network } = options;
  return version === undefined && instance === undefined && horizon === undefined && network === undefined;
}

/** The name of the component that a message is for: with that of its network, where that is another than `own`. */
export function destinationOf({ name }: ServiceContract, { network }: SendOptions, own: string | undefined): string {
  if (network === undefined || network === own) return name;
  assertNetworkName(`Cannot call "${name}" in`, network);
  return nameIn(network, name);
}

interface HeadParts {
  readonly component: string;
  readonly method: MethodContract;
  readonly source: Source;
  readonly agent: string;
  readonly options: SendOptions;
  readonly version: string | undefined;
  readonly horizon: Horizon | undefined;
}

function makeHead({ component, method, source, agent, options, version = "", horizon }: HeadParts): Head {
  return assertShort({
    component,
    method: method.name,
    version,
    fingerprint: method.fingerprint,
    mode: method.mode,
    contentType: method.request.contentType,
    instance: options.instance ?? "",
    source,
    agent,
    horizon,
    resource: "",
  });
}

/** A receiver refuses a connection whose heads are huge, so such a one must not leave. */
function assertShort(head: Head): Head {
  const { component, method, version, instance, agent, source } = head;
  const texts = { component, method, version, instance, agent, node: source.node };
  for (const [what, text] of Object.entries(texts)) {
    if (text.length <= HEAD_TEXT_MAX) continue;
    throw failure(
      "too_large",
      `Cannot call "${component.slice(0, 80)}": its ${what} has ${text.length} characters, the limit is ${HEAD_TEXT_MAX}`,
    );
  }
  return Object.freeze(head);
}

/** What the message asks for, else its method; undefined for neither. */
function horizonOf(
  { name }: ServiceContract,
  method: MethodContract,
  { horizon }: SendOptions,
): Partial<Horizon> | undefined {
  if (horizon === undefined) return method.horizon === "any" ? undefined : { scope: method.horizon };
  const given = typeof horizon === "string" ? { scope: horizon } : horizon;
  assertHorizonValues(`Cannot call "${name}.${method.name}" with that horizon`, given);
  return { scope: method.horizon, ...given };
}

/** What names its own network is for a place of that network, and does not leave it by a gateway. */
function keptIn(asked: Partial<Horizon> = {}): Partial<Horizon> {
  const { scope = "any" } = asked;
  return scope === "any" ? { ...asked, scope: "network" } : asked;
}

function complete(asked: Partial<Horizon> | undefined): Horizon | undefined {
  return asked && Object.freeze({ scope: "any", beyond: "bounce", distanceMs: 0, hops: 0, ...asked });
}
