import { OrreryError } from "@orrery/core";
import { assertNetworkName, namePattern } from "@orrery/core/internal";
import { GATEWAY_NETWORKS_MAX, PATTERNS_MAX } from "./limits.ts";

/** What the owner of a gateway lets into one of its networks, and out of it. In all patterns `*` stands for any characters. */
export interface GatewayTrust {
  /** Name of the network. */
  readonly network: string;
  /** Components of this network that other networks may call. Default: none. */
  readonly exports?: readonly string[];
  /** Components of other networks that this one may call, by name and as a stand-in for its own. Default: none. */
  readonly imports?: readonly string[];
  /** Agents for whom messages may come in from other networks. Default: all. */
  readonly agents?: readonly string[];
}

/** Answers what a trust allows. */
export interface TrustChecks {
  exports(component: string): boolean;
  imports(component: string): boolean;
  admits(agent: string): boolean;
}

/** Reads what may pass. @throws OrreryError `invalid_argument` for patterns that cannot be. */
export function readTrust({ network, exports = [], imports = [], agents = ["*"] }: GatewayTrust): TrustChecks {
  assertNetworkName("Cannot make a gateway to", network);
  const any = (what: string, patterns: readonly string[]) => {
    if (patterns.length > PATTERNS_MAX) {
      const text = `Cannot make a gateway to network "${network}": its ${what} are ${patterns.length}, write at most ${PATTERNS_MAX}`;
      throw new OrreryError("invalid_argument", text);
    }
    const tests = patterns.map(namePattern);
    const known = new Map<string, boolean>();
    return (name: string) => {
      let answer = known.get(name);
      if (answer === undefined) {
        answer = tests.some((test) => test(name));
        if (known.size >= KNOWN_MAX) known.clear();
        known.set(name, answer);
      }
      return answer;
    };
  };
  return { exports: any("exports", exports), imports: any("imports", imports), admits: any("agents", agents) };
}

/** Answers that are remembered of one list. */
const KNOWN_MAX = 4_096;

/** Refuses networks that one gateway cannot join. @throws OrreryError `invalid_argument`. */
export function assertNetworks(networks: readonly GatewayTrust[]): void {
  const refused = (why: string) => new OrreryError("invalid_argument", `Cannot make a gateway: ${why}`);
  if (networks.length < 2 || networks.length > GATEWAY_NETWORKS_MAX)
    throw refused(`it has ${networks.length} networks, give it 2 to ${GATEWAY_NETWORKS_MAX}`);
  const names = new Set(networks.map(({ network }) => network));
  if (names.size < networks.length) throw refused("two of its networks have one name, give each its own");
}
