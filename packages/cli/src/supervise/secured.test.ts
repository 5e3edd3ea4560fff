import assert from "node:assert/strict";
import { chmodSync, statSync } from "node:fs";
import { createServer, connect as open, type Server } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ASKER, type HostProject, makeHostProject, whoComponent } from "../testing/host-folder.ts";
import { orrery, type Running } from "../testing/orrery.ts";
import { end, supervise } from "../testing/supervised.ts";
import { waitUntil } from "../testing/wait-until.ts";

interface Known {
  readonly file: string;
  readonly publicKey: string;
}

async function newKeys({ cwd }: HostProject, file: string): Promise<Known> {
  const { exit, out, err } = await orrery(["keys", "new", file, "--output=json"], { cwd });
  assert.equal(exit, 0, err);
  return { file, publicKey: (JSON.parse(out) as Known).publicKey };
}

/** Passes bytes on to an address and keeps them: what is between two machines. */
async function relay(t: { after(does: () => void): void }, to: string): Promise<{ address: string; seen: Buffer[] }> {
  const [, port = "", query = ""] = /:(\d+)(\?.*)?$/.exec(to) ?? [];
  const seen: Buffer[] = [];
  const server: Server = createServer((near) => {
    const far = open({ host: "127.0.0.1", port: Number(port) });
    for (const [from, other] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (bytes: Buffer) => {
        seen.push(bytes);
        other.write(bytes);
      });
      from.on("close", () => other.destroy());
      from.on("error", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return { address: `tcp://127.0.0.1:${(server.address() as { port: number }).port}${query}`, seen };
}

function security(keys: Known, allowed: readonly (readonly [Known, string])[]): string {
  const keyed = allowed.map(([{ publicKey }, agents]) => `{ key: ${publicKey}, agents: ["${agents}"] }`);
  return `operators: [ops]\nsecurity:\n  keys: ../${keys.file}\n  allow: [${keyed.join(", ")}]\n`;
}

/** Names of the nodes that are known at an address. */
async function nodesAt(address: string, flags: readonly string[], { cwd }: HostProject): Promise<readonly string[]> {
  const { exit, out, err } = await orrery(["nodes", `--address=${address}`, "--output=json", ...flags], { cwd });
  assert.equal(exit, 0, err);
  return (JSON.parse(out) as readonly { node: string }[]).map(({ node }) => node);
}

/** Waits until a host says that a connection was refused. */
async function tellsRefusal(host: Running, why: RegExp): Promise<void> {
  while (!why.test(String((await host.next("connection-refused")).text)));
}

describe("orrery supervise with security", () => {
  it("joins hosts that allow one another, with commands that have a key, and says nothing that others can read", async (t) => {
    using project = makeHostProject();
    const { cwd } = project;
    const alpha = await newKeys(project, "alpha.key");
    const beta = await newKeys(project, "beta.key");
    const ops = await newKeys(project, "ops.key");
    const stranger = await newKeys(project, "stranger.key");
    assert.equal(statSync(join(cwd, "ops.key")).mode & 0o777, 0o600);
    project.write("who.ts", whoComponent("1"));
    project.write("alpha/who.ts", whoComponent("1"));
    project.write("beta/asker/asker.ts", ASKER.replace("../who.ts", "../../who.ts"));
    const names = [`alpha-${process.pid}`, `beta-${process.pid}`] as const;
    project.write(
      "alpha/host.yaml",
      `name: ${names[0]}\n${security(alpha, [
        [beta, "*"],
        [ops, "ops"],
      ])}`,
    );
    const first = await supervise(t, project, ["alpha", 1]);
    assert.ok(first.address.endsWith(`?key=${alpha.publicKey}`), first.address);
    const seeds = `seeds: ["${first.address}"]\n`;
    project.write(
      "beta/host.yaml",
      `name: ${names[1]}\n${seeds}${security(beta, [
        [alpha, "*"],
        [ops, "ops"],
      ])}`,
    );
    const second = await supervise(t, project, ["beta", 1]);

    const wire = await relay(t, first.address);
    const flags = ["--agent=ops", "--key-file=ops.key"];
    let found: readonly string[] = []; // Both hosts, and the process of each.
    await waitUntil(async () => {
      found = await nodesAt(wire.address, flags, project);
      return found.length === 4;
    });
    for (const name of names) assert.ok(found.includes(name), found.join());
    // By the key of the project's own host.
    const asks = async (by: string) =>
      (await orrery(["asker", "ask", "--n=1", "--output=json"], { cwd })).out.includes(`"by":"${by}"`);
    await waitUntil(() => asks("1"));
    const top = await orrery(["top", "--once", `--address=${wire.address}`, ...flags], { cwd });
    assert.equal(top.exit, 0, top.err);
    assert.match(top.out, /who/);

    project.write("next/who.ts", whoComponent("2"));
    const apply = ["apply", "next", `--to=${wire.address}`, `--host=${names[0]}`];
    const applied = await orrery([...apply, ...flags], { cwd });
    assert.equal(applied.exit, 0, applied.err);
    await waitUntil(() => asks("2"));

    const bytes = Buffer.concat(wire.seen);
    assert.ok(bytes.length > 10_000);
    for (const word of ["orrery", "asker", names[0], "SUPERVISED"]) assert.ok(!bytes.includes(word), word);

    const open = await orrery(["nodes", `--address=${first.address}`], { cwd: "/" });
    assert.equal(open.exit, 2);
    assert.match(open.err, /it asks for keys and there are none, name yours by --key-file/);
    for (const words of [["nodes", `--address=${first.address}`], apply]) {
      const strange = await orrery([...words, "--agent=ops", `--key-file=${stranger.file}`], { cwd });
      assert.equal(strange.exit, 4, strange.err);
      assert.match(strange.err, /this side's public key is not allowed there/);
    }
    const posed = await orrery(["nodes", `--address=${first.address}`, "--key-file=ops.key", "--agent=root"], { cwd });
    assert.equal(posed.exit, 3, posed.err);
    await end(second.host, first.host);
  });

  it("refuses hosts without keys and with keys that are not allowed, tells both, and lets them learn nothing", async (t) => {
    using project = makeHostProject();
    const alpha = await newKeys(project, "alpha.key");
    const other = await newKeys(project, "other.key");
    project.write("alpha/who.ts", whoComponent("1"));
    project.write("alpha/host.yaml", `name: alpha-${process.pid}\n${security(alpha, [])}`);
    const { host, address } = await supervise(t, project, ["alpha", 1]);
    const [place = ""] = address.split("?");

    project.write("open/host.yaml", `name: open-${process.pid}\nseeds: ["${place}"]\n`);
    const open = await supervise(t, project, ["open", 0]);
    await tellsRefusal(open.host, /Cannot connect to .*CURVE/);
    await tellsRefusal(host, /Cannot accept peer .*: it uses security "NULL" and this side "CURVE"/);
    assert.deepEqual(await nodesAt(open.address, [], project), [`open-${process.pid}`]);

    project.write("other/host.yaml", `name: other-${process.pid}\nseeds: ["${address}"]\n${security(other, [])}`);
    const wrong = await supervise(t, project, ["other", 0]);
    await tellsRefusal(wrong.host, /this side's public key is not allowed there/);
    const unknown = `its public key ${other.publicKey} is not known here, add it to the allowed keys`;
    await tellsRefusal(host, new RegExp(unknown));
    assert.deepEqual(await nodesAt(wrong.address, ["--key-file=other.key"], project), [`other-${process.pid}`]);
    const own = await nodesAt(address, ["--key-file=alpha.key"], project);
    assert.ok(
      own.every((name) => name.startsWith(`alpha-${process.pid}`)),
      own.join(),
    );
    await end(open.host, wrong.host, host);
  });

  it("refuses a key file that others may read, one that is none, and seeds without keys", async () => {
    using project = makeHostProject();
    const { cwd } = project;
    const { publicKey } = await newKeys(project, "alpha.key");
    project.write("app/host.yaml", "security: { keys: ../alpha.key }\n");
    chmodSync(join(cwd, "alpha.key"), 0o644);
    const shown = await orrery(["supervise", "app"], { cwd });
    assert.match(
      shown.err,
      /Cannot read the secret key from ".*alpha\.key"\n {2}others may read or write it, give it mode 0600/,
    );
    assert.notEqual(shown.exit, 0);
    project.write("app/host.yaml", "security: { keys: ../package.json }\n");
    assert.match((await orrery(["supervise", "app"], { cwd })).err, /it cannot be opened \(ENOENT\)/);
    project.write("app/host.yaml", `seeds: ["tcp://10.0.0.1:7100"]\nsecurity: { keys: ../alpha.key }\n`);
    assert.match(
      (await orrery(["supervise", "app"], { cwd })).err,
      /host\.yaml:1:9: .*it has no key, and this host encrypts/,
    );
    project.write("app/host.yaml", `seeds: ["tcp://10.0.0.1:7100?key=${publicKey}"]\n`);
    assert.match((await orrery(["supervise", "app"], { cwd })).err, /it has a key, and this host has none/);
    const twice = await orrery(["keys", "new", "alpha.key"], { cwd });
    assert.equal(twice.exit, 2);
    assert.match(twice.err, /it is there already, and keys are never written over/);
  });
});
