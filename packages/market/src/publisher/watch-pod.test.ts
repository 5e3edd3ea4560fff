import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Reading } from "../chain/lease-chain.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import { NO_DIGEST } from "../lease/terms.ts";
import { parsePod } from "../pod/parse-pod.ts";
import { sealPod } from "../pod/seal-pod.ts";
import { writeSealedPod } from "../pod/sealed-pod-json.ts";
import { openHttpGateway } from "../ports/system-http-gateway.ts";
import { createPodReach } from "../ports/system-reach-pod.ts";
import { type Listening, listenAt } from "../system-listen.ts";
import type { LeaseRecord } from "./lease-record.ts";
import { askHost, type HostQuestion } from "./system-ask-host.ts";
import { createPodWatch, type PodNews, type PodWord } from "./watch-pod.ts";

const POD = `
name: hello
containers:
  web:
    image: registry.test/hello@sha256:${"a".repeat(64)}
    ports: [{ port: 8080, host: hello.test }, { port: 9000, protocol: tcp }]
    health: { path: /well, port: 8080 }
  other:
    image: registry.test/hello@sha256:${"a".repeat(64)}
    ports: [{ port: 8081, host: other.test }]
`;
const ANYWHERE = { host: "127.0.0.1", port: 0 };

describe("a pod that is watched from outside", () => {
  const statuses = new Map<string, number>();
  const asked: string[] = [];
  let [pod, gateway, url]: [Listening, Listening, string] = [] as never;
  const hosts = new Set<string>();
  const reach = createPodReach();
  before(async () => {
    const answer = createServer(({ url: path = "", headers: { host = "" } }, reply) => {
      asked.push(`${host}${path}`);
      reply.statusCode = statuses.get(host) ?? 200;
      reply.end("x".repeat(100_000));
    });
    pod = await listenAt(answer, ANYWHERE);
    gateway = await openHttpGateway({
      at: ANYWHERE,
      find: (host) => (hosts.has(host) ? { reach, places: () => [{ host: "127.0.0.1", port: pod.port }] } : undefined),
    });
    url = `http://127.0.0.1:${gateway.port}`;
  });
  after(async () => {
    reach.close();
    await Promise.all([gateway?.close(), pod?.close()]);
  });
  beforeEach(() => {
    for (const host of ["hello.test", "other.test"]) hosts.add(host);
    statuses.clear();
    asked.length = 0;
  });

  /** One that is asked at each look, which takes a minute. */
  const watching = (word: () => Promise<PodWord> = async () => ({ state: "running", isHealthy: true })) => {
    const parsed = parsePod(POD, { file: "pod.yaml" });
    const images = Object.fromEntries(parsed.containers.map(({ name, image }) => [name, image.digest ?? ""]));
    const sealed = writeSealedPod(sealPod(parsed, { images, secrets: {} }));
    const record = { pod: "hello", gateway: url, sealed, provider: { url } } as LeaseRecord;
    const news: PodNews[] = [];
    let [ms, at, asks] = [0, 1_000, Promise.resolve<unknown>(undefined)];
    const watch = createPodWatch({
      ...{ everyMs: 60_000, clock: { monotonic: () => ms }, word, onNews: (one) => news.push(one) },
      record: async () => record,
      ask: (question, signal) => {
        const answer = askHost(question, signal);
        asks = Promise.all([asks, answer]);
        return answer;
      },
    });
    const look = async (state: Partial<LeaseState> = { stage: "Active" }) => {
      [ms, at] = [ms + 60_000, at + 60];
      const leases = [state as LeaseState];
      const block = { number: 1, hash: NO_DIGEST, at };
      const latest: Reading = { kind: "known", block, state: { leases, accounts: [], providers: [] } };
      watch.look(latest);
      watch.look(latest); // Sooner than it is time to.
      await new Promise(setImmediate);
      await asks;
      await new Promise(setImmediate);
      return news.splice(0).map(({ kind: _kind, pod: _pod, ...rest }) => rest);
    };
    return { look, watch, unknown: () => watch.look({ kind: "unknown", why: "the node is not reached" }) };
  };

  it("is asked for each host as visitors ask, by its own path of health where it has one, and told of once", async () => {
    const { look } = watching();
    statuses.set("other.test", 404);
    assert.deepEqual(await look(), [
      { host: "hello.test", isAnswered: true, since: 0 },
      { host: "other.test", isAnswered: true, since: 0 },
    ]);
    assert.deepEqual(asked.toSorted(), ["hello.test/well", "other.test/"]);
    assert.deepEqual(await look(), []);
  });

  it("is told of where it has no answer twice, with what its provider says, and again once it has", async () => {
    const { look } = watching();
    await look();
    hosts.delete("hello.test");
    assert.deepEqual(await look(), [], "once is nothing");
    const said = { state: "running", isHealthy: true };
    const why = "no pod here has host hello.test";
    assert.deepEqual(await look(), [{ host: "hello.test", isAnswered: false, since: 1_120, why, said }]);
    assert.deepEqual(await look(), []);
    hosts.add("hello.test");
    assert.deepEqual(await look(), [{ host: "hello.test", isAnswered: true, since: 1_120 }]);
    statuses.set("hello.test", 404).set("other.test", 500);
    await look();
    const whys = (await look()).map((one) => `${one.host}: ${one.why}`);
    const [wrong, broken] = ["it answers /well with status 404", "it answers / with status 500"];
    assert.deepEqual(whys, [`hello.test: ${wrong}`, `other.test: ${broken}`]);
  });

  it("is not told of while it is deployed, and is without a word of its provider where that is not reached", async () => {
    let said: PodWord | undefined = { state: "deploying", isHealthy: false };
    const { look } = watching(async () => said ?? assert.fail("it is not reached"));
    hosts.clear();
    for (let looks = 0; looks < 3; looks++) assert.deepEqual(await look(), []);
    said = undefined;
    assert.deepEqual(
      (await look()).map((one) => [one.host, one.said]),
      [
        ["hello.test", undefined],
        ["other.test", undefined],
      ],
    );
  });

  it("is asked nothing while it is not to serve, nor of an unknown chain, nor when nobody follows any more", async () => {
    const { look, watch, unknown } = watching();
    for (const state of [{ stage: "Open" }, { stage: "Closing", endsAt: 1 }, { stage: "Overdrawn" }] as const)
      await look(state);
    unknown();
    await watch.stop();
    await look();
    assert.deepEqual(asked, []);
  });

  it("is asked nowhere behind walls of the publisher, where that is not where its provider is", async () => {
    const question: HostQuestion = { gateway: url, host: "hello.test", path: "/", isStrict: false, provider: url };
    const ask = (change: Partial<HostQuestion>) => askHost({ ...question, ...change }, new AbortController().signal);
    assert.equal(await ask({}), undefined);
    const provider = "http://provider.test";
    assert.match(String(await ask({ provider })), /^its gateway is at 127\.0\.0\.1, which is not public$/);
    const named = url.replace("127.0.0.1", "localhost");
    assert.match(
      String(await ask({ provider, gateway: named })),
      /^its gateway localhost is at \S+, which is not public/,
    );
    for (const host of ["[::1]", "10.1.2.3", "[::ffff:192.168.0.1]", "169.254.169.254"])
      assert.match(String(await ask({ provider, gateway: `http://${host}:1` })), /which is not public/, host);
    assert.match(String(await ask({ gateway: "http://127.0.0.1:1" })), /ECONNREFUSED/);
    assert.match(String(await ask({ gateway: "no url" })), /Invalid URL/);
  });
});
