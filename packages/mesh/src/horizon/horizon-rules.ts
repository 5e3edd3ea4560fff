import { type Horizon, type HorizonRules, type HorizonSubject, OrreryError } from "@orrery/core";
import { assertHorizonValues, namePattern } from "@orrery/core/internal";
import { RULES_MAX } from "../limits/limits.ts";
import { explainHorizon, type HorizonExplanation, type HorizonLevels } from "./combine-horizons.ts";

/** Horizons beside those of messages and methods. Each bounds them all; none can widen another. */
export interface HorizonSettings {
  /** For every message, the same on all nodes by agreement of those who run them. */
  readonly network?: Partial<Horizon>;
  /** For every message of this node. */
  readonly node?: Partial<Horizon>;
  /** By the component that is called; `*` in a name stands for any characters. The first that fits counts. */
  readonly components?: Readonly<Record<string, Partial<Horizon>>>;
  /** By the name of the flow, in the same way. */
  readonly flows?: Readonly<Record<string, Partial<Horizon>>>;
}

/** Rules of horizons that can be changed while they are used. */
export interface LiveHorizonRules extends HorizonRules {
  readonly settings: HorizonSettings;
  /** Takes other settings; they count from the next message on. @throws OrreryError `invalid_argument`. */
  change(settings: HorizonSettings): void;
  /** Says how far a message may travel, and who decided. */
  explain(asked: Pick<HorizonLevels, "message" | "method">, subject: HorizonSubject): HorizonExplanation;
}

/** Makes rules of horizons. @throws OrreryError `invalid_argument` for a horizon that cannot be. */
export function createHorizonRules(given: HorizonSettings = {}): LiveHorizonRules {
  let settings = checked(given);
  let version = 0;
  const levels = ({ component, flow }: HorizonSubject): HorizonLevels => ({
    flow: flow === "" ? undefined : firstFit(settings.flows, flow),
    component: firstFit(settings.components, component),
    node: settings.node,
    network: settings.network,
  });
  return {
    get version() {
      return version;
    },
    get byFlow() {
      return settings.flows !== undefined;
    },
    get settings() {
      return settings;
    },
    resolve: (asked, subject) => explainHorizon({ message: asked, ...levels(subject) }).horizon,
    explain: (asked, subject) => explainHorizon({ ...asked, ...levels(subject) }),
    change(next) {
      settings = checked(next);
      version++;
    },
  };
}

function firstFit(
  named: Readonly<Record<string, Partial<Horizon>>> | undefined,
  name: string,
): Partial<Horizon> | undefined {
  return Object.entries(named ?? {}).find(([pattern]) => namePattern(pattern)(name))?.[1];
}

function checked(settings: HorizonSettings): HorizonSettings {
  const { network, node, components = {}, flows = {} } = settings;
  const all: readonly (readonly [string, Partial<Horizon> | undefined])[] = [
    ["the network", network],
    ["the node", node],
    ...Object.entries(components).map(([name, one]) => [`component "${name}"`, one] as const),
    ...Object.entries(flows).map(([name, one]) => [`flow "${name}"`, one] as const),
  ];
  if (all.length > RULES_MAX) {
    const text = `Cannot set horizons: there are ${all.length}, write at most ${RULES_MAX}`;
    throw new OrreryError("invalid_argument", text);
  }
  for (const [whose, horizon] of all) assertHorizonValues(`Cannot set the horizon of ${whose}`, horizon ?? {});
  return settings;
}
