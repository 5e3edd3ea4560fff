/** Where pods have their addresses: the first is the machine's own, in all of their networks. */
export interface AddressPool {
  /** Two first numbers, such as `10.213`. */
  readonly prefix: string;
}

/** Names of one network on the machine. */
export interface NetworkNames {
  /** Of the rules of the runtime, and before those of its name spaces. */
  readonly table: string;
  readonly nameSpace: string;
  readonly device: string;
}

/** How devices of all runtimes begin. */
export const DEVICE_PREFIX = "ovp";
/** How a script ends whose device another runtime has. */
export const TAKEN = 17;
/** Destinations that are no part of the Internet: what of the provider's own is there stays closed. */
const CLOSED =
  "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 224.0.0.0/3";

/** The machine's own address in networks of pods. */
export function machineAddress({ prefix }: AddressPool): string {
  return `${prefix}.0.1`;
}

/** Address of the copy with a number, from 2. */
export function copyAddress({ prefix }: AddressPool, index: number): string {
  return `${prefix}.${index >> 8}.${index & 255}`;
}

/**
 * Rules for packets of pods, of nftables. From a pod nothing reaches the machine, another pod, or a private network, but answers to what was asked
 * of it, and questions to servers of names; the Internet sees the machine's address.
 */
export function networkRules({
  table,
  prefix,
  nameServers,
}: AddressPool & { table: string; nameServers: readonly string[] }): string {
  const names = nameServers.filter((one) => /^\d+(\.\d+){3}$/.test(one) && !one.startsWith("127."));
  const asked = names.map((one) => `iifname @pods ip daddr ${one} meta l4proto { tcp, udp } th dport 53 accept`);
  return `table inet ${table} {}
delete table inet ${table}
table inet ${table} {
  set pods { type ifname; }
  set offline { type ifname; }
  chain input {
    type filter hook input priority -10; policy accept;
    iifname @pods ct state established,related accept
    iifname @pods drop
  }
  chain forward {
    type filter hook forward priority -10; policy accept;
    oifname @pods ct state established,related accept
    oifname @pods drop
    iifname @pods oifname "${DEVICE_PREFIX}*" drop
    iifname @pods meta nfproto ipv6 drop
    iifname @offline drop
    ${asked.join("\n    ")}
    iifname @pods ip daddr { ${CLOSED} } drop
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    ip saddr ${prefix}.0.0/16 oifname != "${DEVICE_PREFIX}*" masquerade
  }
}
`;
}

/** Makes a network: a pair of devices, one of which is in a name space of its own. Ends with `TAKEN` where the device is another's. */
export function openScript(
  pool: AddressPool,
  { table, nameSpace, device }: NetworkNames,
  { index, isOffline }: { readonly index: number; readonly isOffline: boolean },
): string {
  const sets = ["pods", ...(isOffline ? ["offline"] : [])];
  const [machine, copy] = [machineAddress(pool), copyAddress(pool, index)];
  const inside = [
    "link set lo up",
    `address add ${copy} peer ${machine} dev eth0`,
    "link set eth0 up",
    `route add default via ${machine} dev eth0`,
  ];
  return `set -e
ip netns add ${nameSpace}
ip link add ${device} type veth peer name eth0 netns ${nameSpace} 2>/dev/null || { ip netns delete ${nameSpace}; exit ${TAKEN}; }
echo 1 >/proc/sys/net/ipv6/conf/${device}/disable_ipv6 || true
echo 1 >/proc/sys/net/ipv4/conf/${device}/forwarding
${sets.map((set) => `nft add element inet ${table} ${set} '{ ${device} }'`).join("\n")}
ip address add ${machine} peer ${copy} dev ${device}
ip link set ${device} up
printf '%s\\n' ${inside.map((line) => `'${line}'`).join(" ")} | ip -n ${nameSpace} -batch -
nsenter --net=/run/netns/${nameSpace} /bin/sh -c 'echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start; echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range'
`;
}

/** Takes a network away, whatever of it there is. */
export function closeScript({ table, nameSpace, device }: NetworkNames): string {
  return `nft delete element inet ${table} pods '{ ${device} }' 2>/dev/null
nft delete element inet ${table} offline '{ ${device} }' 2>/dev/null
ip link delete ${device} 2>/dev/null
ip netns delete ${nameSpace} 2>/dev/null
true
`;
}

/** Takes away what a runtime left that ended without a word: its name spaces with what runs in them, and its devices, which are told by the name. */
export function sweepScript(table: string): string {
  return `for n in $(ip netns list | cut -d' ' -f1 | grep '^${table}-'); do
  for p in $(ip netns pids "$n"); do kill -9 "$p" 2>/dev/null; done
  ip link delete "${DEVICE_PREFIX}\${n##*-}" 2>/dev/null
  ip netns delete "$n"
done
true
`;
}
