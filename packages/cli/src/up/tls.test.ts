import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { splitScript } from "../resources/split-line.ts";
import { type Typed, type } from "../testing/memory-terminal.ts";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-tls-"));
let up: Running;
let ready: RunEvent & { readonly web: string; readonly tls: string };
before(async () => {
  const ports = ["--port=0", "--http=0", "--web-port=0", "--tls-port=0"];
  up = startEvents(["up", ...ports, "--database=pglite", "--tls=own", "--dns=127.0.0.1:1"], { cwd });
  ready = (await up.next("ready")) as typeof ready;
});
after(async () => {
  up?.child.kill("SIGTERM");
  await up?.ended;
  rmSync(cwd, { recursive: true, force: true });
});

function typed(line: string): Promise<Typed> {
  const words = splitScript(line)[0]?.words ?? [];
  return type(words, { cwd, env: { ORRERY_SERVER: ready.address, HOME: cwd } });
}

const authority = () => join(cwd, ".orrery/data/authority.pem");

/** What curl gets of a host, by TLS with the platform's authority alone. */
async function get(host: string, more: readonly string[] = []): Promise<string> {
  const { port } = new URL(ready.tls);
  const to = ["--cacert", authority(), "--resolve", `${host}:${port}:127.0.0.1`, ...more];
  const args = ["-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", ...to, `https://${host}:${port}/x`];
  const { stdout } = await promisify(execFile)("curl", args).catch((error: { code: number }) => ({
    stdout: `curl ${error.code}`,
  }));
  return stdout;
}

describe("orrery up --tls=own", () => {
  it("takes visitors of spaces by TLS, and sends those there who come without", async () => {
    assert.equal((await typed("create demo.test<Space>")).exit, 0);
    assert.match(await get("demo.test"), /^404 /);
    assert.equal(await get("stranger.test"), "curl 35", "no certificate, no connection");
    const { stdout } = await promisify(execFile)("curl", [
      ...["-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "-H", "Host: demo.test"],
      `${ready.web}/a?b=1`,
    ]);
    assert.equal(stdout, `308 https://demo.test:${new URL(ready.tls).port}/a?b=1`);
    assert.match(readFileSync(authority(), "utf8"), /BEGIN CERTIFICATE/);
    assert.equal(statSync(join(cwd, ".orrery/data/certificates")).mode & 0o777, 0o700);
  });

  it("adds domains, says how they are proven, and lists and removes them", async () => {
    const added = await typed("domain add shop.example.org --space=demo.test");
    assert.equal(added.exit, 0, added.err);
    assert.match(added.out, /^_orrery-challenge\.shop\.example\.org TXT "orrery-domain=[\w-]{43}"\n$/);
    assert.match(added.err, /Next: orrery domain verify shop\.example\.org --space=demo\.test/);
    const looked = await typed("domain verify shop.example.org --space=demo.test");
    assert.deepEqual([looked.exit, /the DNS does not answer/.test(looked.err)], [1, true], looked.err);
    assert.equal(await get("shop.example.org"), "curl 35", "what is not proven leads nowhere");
    const listed = await typed("domain ls --space=demo.test --output=json");
    assert.deepEqual(
      (JSON.parse(listed.out) as { domain: string; state: string }[]).map(({ domain, state }) => [domain, state]),
      [["shop.example.org", "Creating"]],
    );
    assert.equal((await typed("domain rm shop.example.org --space=demo.test")).exit, 0);
    assert.match((await typed("domain ls --space=demo.test")).err, /No domains lead to demo\.test/);
    assert.equal((await typed("domain add nothing --space=demo.test")).exit, 2);
  });

  for (const [flags, says] of [
    ["--tls-key=x", "Cannot use --tls-key without --tls=cert.pem"],
    ["--acme-mail=x", "Cannot use --acme-mail without --tls=acme"],
    ["--tls=cert.pem", "its key is missing"],
    ["--tls=acme --acme=http://x", '"http://x" is no address'],
  ] as const)
    it(`says what is wrong with ${flags.split(" ")[0]}`, async () => {
      const { exit, err } = await typed(`up ${flags}`);
      assert.deepEqual([exit, err.includes(says)], [2, true], err);
    });
});
