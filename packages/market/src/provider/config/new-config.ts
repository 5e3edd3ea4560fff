import type { SaidConfig } from "./config-shape.ts";

/** What the file of a new provider says of where it is. */
export interface NewConfig {
  readonly address: string;
  readonly chain: SaidConfig["chain"];
  /** Cores, and MiB of memory, that it sells. */
  readonly cores: number;
  readonly memoryMiB: number;
  /** Domains below which hosts are for whoever comes first. Default: none. */
  readonly freeHosts?: readonly string[];
  /** Other stores that it fetches artifacts from. Default: none. */
  readonly stores?: readonly string[];
}

/** The text of the file of a new provider, with what each line means. */
export function newProviderConfig({ address, chain, cores, memoryMiB, ...more }: NewConfig): string {
  const { freeHosts = [], stores = [] } = more;
  return `# What this machine sells, and for how much. Look at it with: orrery provider status
wallet: wallet.json # Keystore of the account that sells.
data: data # Records, volumes and artifacts. Keep it: pods are found again by it.
address: ${address} # By what others reach this machine.

chain:
  url: ${chain.url}
  id: ${chain.id}
  leases: "${chain.leases}"
  token: "${chain.token}"
  registry: "${chain.registry}"
  decimals: ${chain.decimals} # Digits of the token behind the point.

# In tokens: a core or a GiB that is held, an hour or a month of 730 hours; a GiB that goes out or comes in.
prices:
  cpu: 5/month
  memory: 2/month
  storage: 0.1/month
  egress: 0.01
  ingress: 0

capacity:
  cpu: ${cores}
  memory: ${memoryMiB}MiB
  storage: 20GiB

# What holds for each lease; these are the defaults.
# terms:
#   bond: 3d # So much of the pay is at stake.
#   grace: 10m # Darkness that costs nothing but the pay.
#   publisherNotice: 2h
#   providerNotice: 7d

# Where it listens; these are the defaults. The admin page is for this machine alone.
# listen: { api: "0.0.0.0:7180", gateway: "0.0.0.0:8080", admin: "127.0.0.1:7181" }
# ports: 20000-20999 # For TCP and UDP of pods.

# Domains of your own, below which hosts are for whoever comes first. A publisher proves any other by a record of DNS.
${listLine("freeHosts", freeHosts, "pods.example.com")}

# Other stores that artifacts may be fetched from.
${listLine("stores", stores, "https://store.example.com")}

# What evidence is made by. Without it, evidence says much and proves nothing.
# tpm: { tcti: "device:/dev/tpmrm0", certificates: tpm.pem }
`;
}

/** What a list says; of an empty one, what it could say. */
function listLine(name: string, said: readonly string[], example: string): string {
  return said.length === 0 ? `# ${name}: [${example}]` : `${name}: ${JSON.stringify(said)}`;
}
