import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createLog, OrreryError } from "@orrery/core";
import { createSecretBox, createSecretKey } from "@orrery/registry";
import { createGateClock } from "../testing/gate-clock.ts";
import { type CertificateIssuer, createCertificates } from "./certificates.ts";
import { FILES_LOOK_MS, ORDER_AGAIN_MS, OWN_LEAF_MS, RENEW_LOOK_MS } from "./limits.ts";
import { validityOf } from "./system-certificate.ts";
import { openCertificateFiles } from "./system-certificate-files.ts";
import { createCertificateStore, openSealedFiles } from "./system-certificate-store.ts";
import { openOwnAuthority } from "./system-own-authority.ts";

const keys = createSecretBox([createSecretKey()]);

/** Certificates over a folder, by an authority of their own, under a clock of the test's. */
async function open(folder = mkdtempSync(join(tmpdir(), "orrery-certificates-"))) {
  const clock = createGateClock();
  const files = openSealedFiles(folder, keys);
  const authority = await openOwnAuthority({ files, clock });
  const ordered: string[] = [];
  const failing = new Set<string>();
  const issuer: CertificateIssuer = {
    order: async (host) => {
      ordered.push(host);
      if (failing.has(host)) throw new OrreryError("unavailable", "Cannot get it: not today");
      return await authority.order(host);
    },
  };
  const served = new Set(["shop.test", "ill.test", "other.test"]);
  const make = () =>
    createCertificates({
      store: createCertificateStore(files),
      issuer,
      isServed: async (host) => served.has(host),
      clock,
      log: createLog({ sink: () => undefined, now: () => clock.now(), fields: {} }),
    });
  const certificates = await make();
  return { folder, clock, ordered, failing, served, certificates, authority, make };
}

type Opened = Awaited<ReturnType<typeof open>>;

async function close({ certificates, folder }: Opened): Promise<void> {
  await certificates[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}

describe("createCertificates", () => {
  it("orders one for a host that is served, however many connections want it, and none for others", async () => {
    const all = await open();
    const { certificates, ordered } = all;
    const [one, ...others] = await Promise.all(Array.from({ length: 20 }, () => certificates.of("shop.test")));
    assert.ok(one?.chain.includes("BEGIN CERTIFICATE"));
    assert.ok(others.every((other) => other === one));
    assert.equal(await certificates.of("stranger.test"), undefined);
    assert.deepEqual(ordered, ["shop.test"]);
    await close(all);
  });

  it("keeps them closed, in files that nobody else reads, over a restart", async () => {
    const all = await open();
    const before = await all.certificates.of("shop.test");
    await all.certificates[Symbol.asyncDispose]();
    for (const name of readdirSync(all.folder)) {
      assert.equal(statSync(join(all.folder, name)).mode & 0o777, 0o600, name);
      assert.ok(!readFileSync(join(all.folder, name), "latin1").includes("PRIVATE KEY"), name);
    }
    assert.equal(statSync(all.folder).mode & 0o777, 0o700);
    const again = await all.make();
    assert.deepEqual(await again.of("shop.test"), before);
    assert.deepEqual(all.ordered, ["shop.test"]);
    await again[Symbol.asyncDispose]();
    rmSync(all.folder, { recursive: true });
  });

  it("renews them at two thirds of their life, by the clock, and has the one before serve until then", async () => {
    const all = await open();
    const { clock, certificates, ordered } = all;
    const first = await certificates.of("shop.test");
    assert.ok(first);
    const { fromMs, untilMs } = validityOf(first);
    const until = async (atMs: number, is: () => boolean) => {
      while (clock.now() < atMs && !is()) {
        clock.pass(RENEW_LOOK_MS);
        await turn();
      }
    };
    await until(fromMs + (untilMs - fromMs) * 0.6, () => false);
    assert.equal(await certificates.of("shop.test"), first);
    assert.equal(ordered.length, 1);
    await until(untilMs, () => ordered.length > 1);
    assert.ok(clock.now() < fromMs + (untilMs - fromMs) * 0.7, "it is renewed long before it ends");
    while ((await certificates.of("shop.test")) === first) await turn();
    const second = await certificates.of("shop.test");
    assert.ok(second && validityOf(second).untilMs > untilMs);
    await close(all);
  });

  it("renews nothing for a host that is served no more", async () => {
    const all = await open();
    await all.certificates.of("shop.test");
    all.served.delete("shop.test");
    for (let passed = 0; passed < OWN_LEAF_MS * 1.1; passed += RENEW_LOOK_MS) {
      all.clock.pass(RENEW_LOOK_MS);
      await turn();
    }
    assert.equal(await all.certificates.of("shop.test"), undefined);
    assert.deepEqual(all.ordered, ["shop.test"]);
    await close(all);
  });

  it("waits longer each time after an order that failed, and makes others meanwhile", async () => {
    const all = await open();
    const { certificates, clock, ordered, failing } = all;
    failing.add("ill.test");
    const tries = () => ordered.filter((host) => host === "ill.test").length;
    assert.equal(await certificates.of("ill.test"), undefined);
    assert.equal(await certificates.of("ill.test"), undefined);
    assert.equal(tries(), 1);
    clock.pass(ORDER_AGAIN_MS);
    assert.equal(await certificates.of("ill.test"), undefined);
    assert.equal(tries(), 2);
    clock.pass(ORDER_AGAIN_MS);
    assert.equal(await certificates.of("ill.test"), undefined);
    assert.equal(tries(), 2, "the second wait is longer");
    assert.ok(await certificates.of("other.test"));
    failing.clear();
    clock.pass(ORDER_AGAIN_MS);
    assert.ok(await certificates.of("ill.test"));
    await close(all);
  });
});

describe("openCertificateFiles", () => {
  it("takes the next certificate when its files change, keeps the one before where they are bad, and refuses bad ones at the start", async () => {
    const all = await open();
    const { clock, authority } = all;
    const folder = mkdtempSync(join(tmpdir(), "orrery-certificate-files-"));
    const [chain, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const log = createLog({ sink: () => undefined, now: () => clock.now(), fields: {} });
    const put = async (host: string, keyOf = host) => {
      const [one, other] = [await authority.order(host), keyOf === host ? undefined : await authority.order(keyOf)];
      writeFileSync(chain, one.chain);
      writeFileSync(key, (other ?? one).key);
      for (const file of [chain, key]) utimesSync(file, new Date(), new Date(clock.now() + ++marks * 1_000));
    };
    let marks = 0;
    const options = { chain, key, clock, log };
    assert.throws(() => openCertificateFiles(options), /Cannot read ".*cert\.pem" for TLS/);
    await put("a.test", "b.test");
    assert.throws(() => openCertificateFiles(options), /Cannot use the certificate ".*cert\.pem" with the key/);
    await put("a.test");
    await using certificates = openCertificateFiles(options);
    const first = await certificates.of("any.test");
    const look = async () => {
      clock.pass(FILES_LOOK_MS);
      await turn();
      await turn();
      return await certificates.of("any.test");
    };
    await put("a.test", "b.test");
    assert.equal(await look(), first);
    await put("a.test");
    assert.notEqual(await look(), first);
    rmSync(folder, { recursive: true });
    await close(all);
  });
});
