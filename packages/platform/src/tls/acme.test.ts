import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connect } from "node:tls";
import { createLog, createSystemClock, createSystemRandom } from "@orrery/core";
import { createSecretBox, createSecretKey } from "@orrery/registry";
import { type Domains, openDomains } from "../domains/domain-driver.ts";
import { DOMAIN_KIND } from "../domains/domain-kind.ts";
import { createDnsTexts } from "../domains/system-dns.ts";
import { curl } from "../testing/curl.ts";
import { OPERATOR, openWeb, type TestWeb } from "../testing/open-web.ts";
import { NO_PEBBLE, startPebble, type TestPebble } from "../testing/start-pebble.ts";
import { type Certificates, createCertificates } from "./certificates.ts";
import { createAcmeIssuer } from "./system-acme.ts";
import { createCertificateStore, openSealedFiles } from "./system-certificate-store.ts";

const DOMAIN = "shop.example.org";
const AT = `demo.test:${DOMAIN}`;

describe("a domain of a space's own", { skip: NO_PEBBLE }, () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-acme-"));
  const clock = createSystemClock();
  const log = createLog({ sink: () => undefined, now: () => clock.now(), fields: {} });
  let pebble: TestPebble;
  let web: TestWeb;
  let domains: Domains | undefined;
  let certificates: Certificates | undefined;
  let tls = "";
  before(async () => {
    pebble = await startPebble();
    const files = openSealedFiles(folder, createSecretBox([createSecretKey()]));
    const issuer = createAcmeIssuer({ ...pebble, files, clock, mail: "ops@example.org" });
    const isServed = async (host: string) => domains?.spaceOf(host) !== undefined;
    certificates = await createCertificates({ store: createCertificateStore(files), issuer, isServed, clock, log });
    web = await openWeb(
      {
        domains: { spaceOf: (host) => domains?.spaceOf(host) },
        tls: { certificates, answerTo: (host, token) => issuer.answerTo(host, token) },
      },
      { kinds: [DOMAIN_KIND], port: pebble.httpPort },
    );
    const texts = createDnsTexts(pebble.dns);
    domains = await openDomains({
      registry: web.registry,
      texts,
      random: createSystemRandom(),
      clock,
      log,
      agent: "operator",
    });
    tls = await web.web.listenTls();
    await web.space("demo.test", "routes:\n  - { path: /, redirect: /in }\n");
    await web.registry.create({ address: "other.test", kind: "Space" }, OPERATOR);
  });
  after(async () => {
    await domains?.[Symbol.asyncDispose]();
    await web?.[Symbol.asyncDispose]();
    await certificates?.[Symbol.asyncDispose]();
    await pebble?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Waits until a domain is in a state. */
  const until = async (address: string, state: string, has = "") => {
    for await (const { resource } of web.registry.watch({ selector: address, after: 0 }, OPERATOR))
      if (resource.status.state === state && (resource.status.reason ?? "").includes(has)) return resource.status;
    return assert.fail("the registry has ended");
  };
  /** Asks over TLS for a host, and gives what came, or why nothing did. */
  const ask = async (host: string): Promise<string> => {
    const ca = await pebble.root();
    return new Promise((resolve) => {
      const options = {
        host: "127.0.0.1",
        port: new URL(tls).port,
        servername: host,
        headers: { host },
        ca,
        agent: false,
      };
      get(options, (answer) => {
        resolve(`${answer.statusCode} ${answer.headers.location ?? ""}`);
        answer.resume();
      }).on("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    });
  };

  it("leads nowhere until its DNS proves whose it is, and says which record does", async () => {
    await web.registry.create({ address: AT, kind: "Domain" }, OPERATOR);
    const { reason, details } = await until(AT, "Creating", "it is not there yet");
    assert.equal(details?.["record"], `_orrery-challenge.${DOMAIN}`);
    assert.ok(reason?.includes(String(details?.["text"])));
    assert.match((await curl(`${web.url}/`, DOMAIN, ["-H", "X-Forwarded-Proto: https"])).line, /308/, "it goes to TLS");
    assert.match(await ask(DOMAIN), /ERR_SSL|ECONNRESET/);
    await pebble.setText(String(details?.["record"]), "orrery-domain=another");
    await web.registry.change({ address: AT, properties: { look: 1 } }, OPERATOR);
    await pebble.setText(String(details?.["record"]), String(details?.["text"]));
    await web.registry.change({ address: AT, properties: { look: 2 } }, OPERATOR);
    await until(AT, "Ready");
    assert.equal(domains?.spaceOf(DOMAIN), "demo.test");
  });

  it("has a certificate by ACME with its first connection, by which its space answers", async () => {
    assert.equal(await ask(DOMAIN), "308 /in");
    assert.match(await ask("stranger.example.org"), /ERR_SSL|ECONNRESET/);
  });

  it("sends visitors without TLS to where it is", async () => {
    const { status, headers } = await curl(`${web.url}/a/b?c=1`, DOMAIN);
    assert.deepEqual([status, headers.get("location")], [308, `https://${DOMAIN}:${new URL(tls).port}/a/b?c=1`]);
  });

  it("takes TLS from 1.2 on", async () => {
    const ca = await pebble.root();
    const speak = (maxVersion: "TLSv1.1" | "TLSv1.3") =>
      new Promise<string>((resolve) => {
        const minVersion = maxVersion;
        const options = {
          host: "127.0.0.1",
          port: Number(new URL(tls).port),
          servername: DOMAIN,
          ca,
          minVersion,
          maxVersion,
        };
        const socket = connect({ ...options, ciphers: "DEFAULT@SECLEVEL=0" }, () => {
          resolve(socket.getProtocol() ?? "");
          socket.destroy();
        }).on("error", () => resolve("refused"));
      });
    assert.equal(await speak("TLSv1.3"), "TLSv1.3");
    assert.equal(await speak("TLSv1.1"), "refused");
  });

  it("is not another space's too, whatever that one proves", async () => {
    const other = `other.test:${DOMAIN}`;
    await web.registry.create({ address: other, kind: "Domain" }, OPERATOR);
    const { details } = await until(other, "Creating", "it is not there yet");
    await pebble.setText(String(details?.["record"]), String(details?.["text"]));
    await web.registry.change({ address: other, properties: { look: 1 } }, OPERATOR);
    await until(other, "Panic", "another space has it");
    assert.equal(domains?.spaceOf(DOMAIN), "demo.test");
    await web.registry.create({ address: "other.test:demo.test", kind: "Domain" }, OPERATOR);
    await until("other.test:demo.test", "Panic", "it is the name of a space here");
  });

  it("is anybody's again once it is removed", async () => {
    await web.registry.remove({ address: AT }, OPERATOR);
    while (domains?.spaceOf(DOMAIN) !== undefined) await new Promise((resolve) => setImmediate(resolve));
    await web.registry.change({ address: `other.test:${DOMAIN}`, properties: { look: 2 } }, OPERATOR);
    while (domains?.spaceOf(DOMAIN) !== "other.test") await new Promise((resolve) => setImmediate(resolve));
  });
});
