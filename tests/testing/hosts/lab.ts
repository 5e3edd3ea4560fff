import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import type { TestContext } from "node:test";
import { type Program, startProgram } from "./program.ts";

/** A host of its own: a network namespace with one interface and one address. */
export interface Host {
  readonly name: string;
  /** On the switch that joins all hosts of its lab. */
  readonly ip: string;
  /** Runs a script of this repository there; what it prints is read line by line as JSON. */
  run(script: URL, ...args: readonly string[]): Program;
  /** Runs any command there; its output goes nowhere. It dies with the test, or the host. */
  exec(words: readonly string[], options: { readonly cwd: string }): ChildProcess;
  /** Processes that run there. */
  pids(): readonly number[];
  /** From now on drops this share of the packets that come in, from 0 to 1. */
  lose(share: number): void;
  /** Cuts it off: nothing comes in, nothing goes out, nobody is told. With names, from those hosts only. */
  cut(...from: readonly Host[]): void;
  /** Makes what it connects to at a port of another host go by a third, where a relay listens at `at`. */
  redirect(to: { readonly host: Host; readonly port: number }, by: { readonly host: Host; readonly at: number }): void;
  /** Ends all cuts and losses. */
  mend(): void;
  /** Kills everything that runs there, at once, and nothing tells the others: the machine is off. */
  powerOff(): void;
}

let labs = 0;

/** Why hosts cannot be made here; undefined when they can. */
export function whyNoHosts(): string | undefined {
  if (process.platform !== "linux") return "hosts are network namespaces of Linux";
  if (process.getuid?.() !== 0) return "only root may make network namespaces";
  const name = `orrery-probe-${process.pid}`;
  const tried = spawnSync("ip", ["netns", "add", name]);
  spawnSync("ip", ["netns", "del", name]);
  return tried.status === 0 ? undefined : `cannot make a network namespace: ${tried.stderr ?? tried.error}`;
}

/**
 * Makes hosts on one switch, which live as long as the test. All is in namespaces of their own: nothing of the machine's own network is
 * touched, and nothing in it can be reached.
 * @throws Error with what `ip` or `nft` said.
 */
export function createHosts(t: Pick<TestContext, "after">, names: readonly string[]): readonly Host[] {
  const lab = `o${process.pid}-${++labs}`;
  const namespaces = [`${lab}-switch`, ...names.map((name) => `${lab}-${name}`)];
  const [fabric = ""] = namespaces;
  t.after(() => {
    for (const namespace of namespaces) {
      for (const pid of pidsIn(namespace)) kill(pid);
      spawnSync("ip", ["netns", "del", namespace]);
    }
  });
  for (const namespace of namespaces) {
    ip("netns", "add", namespace);
    ip("-n", namespace, "link", "set", "lo", "up");
  }
  ip("-n", fabric, "link", "add", "bridge", "type", "bridge");
  ip("-n", fabric, "link", "set", "bridge", "up");
  return names.map((name, index) => new Namespace(t, { fabric, namespace: `${lab}-${name}`, name, index }));
}

class Namespace implements Host {
  readonly name: string;
  readonly ip: string;
  readonly #t: Pick<TestContext, "after">;
  readonly #namespace: string;

  constructor(
    t: Pick<TestContext, "after">,
    made: { readonly fabric: string; readonly namespace: string; readonly name: string; readonly index: number },
  ) {
    const { fabric, namespace, name, index } = made;
    this.#t = t;
    this.#namespace = namespace;
    this.name = name;
    this.ip = `10.77.0.${index + 1}`;
    const port = `port${index}`;
    ip("-n", fabric, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    ip("-n", fabric, "link", "set", port, "master", "bridge", "up");
    ip("-n", namespace, "address", "add", `${this.ip}/24`, "dev", "eth0");
    ip("-n", namespace, "link", "set", "eth0", "up");
  }

  run(script: URL, ...args: readonly string[]): Program {
    return startProgram(this.#t, ["ip", "netns", "exec", this.#namespace], script, args);
  }

  exec(words: readonly string[], { cwd }: { readonly cwd: string }): ChildProcess {
    return spawn("ip", ["netns", "exec", this.#namespace, ...words], { cwd, stdio: "ignore" });
  }

  pids(): readonly number[] {
    return pidsIn(this.#namespace);
  }

  lose(share: number): void {
    const perMille = Math.round(share * 1000);
    this.#filter("", [`add rule inet lab in iif eth0 numgen random mod 1000 < ${perMille} drop`]);
  }

  cut(...from: readonly Host[]): void {
    const ways = from.length === 0 ? [{ in: "", out: "" }] : from.map(({ ip: other }) => between(other));
    const rules = ways.flatMap((way) => [
      `add rule inet lab in iif eth0 ${way.in} drop`,
      `add rule inet lab out oif eth0 ${way.out} drop`,
    ]);
    this.#filter("", rules);
  }

  redirect(to: { readonly host: Host; readonly port: number }, by: { readonly host: Host; readonly at: number }): void {
    const rule = `ip daddr ${to.host.ip} tcp dport ${to.port} dnat to ${by.host.ip}:${by.at}`;
    this.#nft([
      "add table ip ways",
      "add chain ip ways out { type nat hook output priority -100; }",
      `add rule ip ways out ${rule}`,
    ]);
  }

  mend(): void {
    this.#filter("flush table inet lab", []);
  }

  powerOff(): void {
    this.cut();
    for (const pid of pidsIn(this.#namespace)) kill(pid);
  }

  #filter(before: string, rules: readonly string[]): void {
    this.#nft([
      "add table inet lab",
      "add chain inet lab in { type filter hook input priority 0; }",
      "add chain inet lab out { type filter hook output priority 0; }",
      before,
      ...rules,
    ]);
  }

  #nft(lines: readonly string[]): void {
    must("ip", ["netns", "exec", this.#namespace, "nft", "--file", "-"], lines.join("\n"));
  }
}

function between(other: string): { readonly in: string; readonly out: string } {
  return { in: `ip saddr ${other}`, out: `ip daddr ${other}` };
}

function pidsIn(namespace: string): readonly number[] {
  const listed = spawnSync("ip", ["netns", "pids", namespace]).stdout?.toString() ?? "";
  return listed.split("\n").filter(Boolean).map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

function ip(...args: readonly string[]): void {
  must("ip", args);
}

function must(command: string, args: readonly string[], input = ""): void {
  const done = spawnSync(command, args, { input });
  if (done.status === 0) return;
  throw new Error(`Cannot make a host: ${command} ${args.join(" ")}: ${done.stderr?.toString().trim() ?? done.error}`);
}
