import type { GatewayNetwork } from "@orrery/mesh";

/** Who may call what of whom in the world of the crossings: all that is not said here is denied. */
export const TRUST = {
  eu: { network: "eu", exports: ["ledger", "vault"], imports: ["ledger", "front"] },
  us: { network: "us", exports: ["ledger", "front"], imports: ["ledger"], agents: ["clerk-*"] },
  ap: { network: "ap", exports: ["ledger", "vault"], imports: ["ledger"] },
} as const satisfies Readonly<Record<string, GatewayNetwork>>;

/** Name of a network of this world. */
export type NetworkName = keyof typeof TRUST;

/** Networks that have a gateway between them; eu and ap have none. */
const WAYS: readonly (readonly [NetworkName, NetworkName])[] = [
  ["eu", "us"],
  ["us", "ap"],
];

/** A message as it may or may not go from one network into another. */
export interface CrossedMessage {
  readonly component: string;
  readonly from: string;
  readonly to: string;
  readonly agent: string;
}

/** Why a message may not go from one network into another, by the table alone; undefined when it may. */
export function whyDenied({ component, from, to, agent }: CrossedMessage): string | undefined {
  if (from === to) return undefined;
  if (!WAYS.some((way) => way.includes(from as NetworkName) && way.includes(to as NetworkName)))
    return `no gateway joins ${from} and ${to}`;
  const [source, target]: readonly GatewayNetwork[] = [TRUST[from as NetworkName], TRUST[to as NetworkName]];
  if (target?.exports?.includes(component) !== true) return `${to} does not export ${component}`;
  if (source?.imports?.includes(component) !== true) return `${from} does not import ${component}`;
  const isAdmitted = target.agents === undefined || agent.startsWith("clerk-");
  return isAdmitted ? undefined : `${to} does not admit ${agent}`;
}
