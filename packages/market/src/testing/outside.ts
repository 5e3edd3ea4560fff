import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

/** A host beyond this machine, in a name space of its own, that answers whoever connects with the address that it sees. */
export interface OutsideHost {
  readonly address: string;
  /** Of this machine, as the host sees it. */
  readonly machine: string;
  /** What becomes of a connection from there. */
  connect(host: string, port: number): string;
  stop(): Promise<void>;
}

const PORT = 80;
const SERVE = `require("node:net").createServer((s) => s.end(s.remoteAddress)).listen(${PORT}, "0.0.0.0", () => console.log("listens"))`;
const CONNECT = `const s = require("node:net").connect({ host: process.argv[1], port: Number(process.argv[2]), timeout: 700 });
const end = (text) => { console.log(text); process.exit(0); };
s.on("connect", () => end("open")); s.on("timeout", () => end("closed")); s.on("error", () => end("closed"));`;

/** Starts one; as root alone. */
export async function startOutside(): Promise<OutsideHost> {
  const net = `198.18.${process.pid % 250}`;
  const [space, device] = [`orrery-out-${process.pid}`, `oto${process.pid}`];
  const [machine, address] = [`${net}.1`, `${net}.2`];
  const script = `set -e
ip netns add ${space}
ip link add ${device} type veth peer name eth0 netns ${space}
ip address add ${machine}/30 dev ${device}
ip link set ${device} up
ip -n ${space} address add ${address}/30 dev eth0
ip -n ${space} link set eth0 up
ip -n ${space} route add default via ${machine}
echo 1 >/proc/sys/net/ipv4/conf/${device}/forwarding`;
  execFileSync("/bin/sh", ["-c", script]);
  const inside = ["netns", "exec", space, process.execPath, "-e"];
  const server = spawn("ip", [...inside, SERVE], { stdio: ["ignore", "pipe", "inherit"] });
  await once(server.stdout, "data");
  return {
    address,
    machine,
    connect: (host, port) => execFileSync("ip", [...inside, CONNECT, host, String(port)], { encoding: "utf8" }).trim(),
    stop: async () => {
      const exit = once(server, "exit");
      server.kill("SIGKILL");
      await exit;
      execFileSync("ip", ["link", "delete", device]);
      execFileSync("ip", ["netns", "delete", space]);
    },
  };
}
