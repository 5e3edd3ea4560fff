import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ImageRegistry, NO_REGISTRY, startImages } from "../testing/images.ts";
import { openTestMarket, type TestMarket } from "../testing/market.ts";
import { PROGRAM } from "../testing/pods.ts";

interface Status {
  readonly state: string;
  readonly healthy: boolean;
  readonly images: Readonly<Record<string, string>>;
  readonly replicas: readonly unknown[];
}

/** A pod of two copies with a volume. */
const pair = ({ image = "./shop", env = "hi", volume = true } = {}) =>
  `name: pair
replicas: 2
containers:
  web:
    image: ${image}
    ports: [{ port: 8080, host: pair.test }]
    health: { path: /, every: 200ms }
    env: { GREETING: ${env} }
${volume ? "    volumes: { data: /data }\nvolumes: { data: 16MiB }\n" : ""}`;

describe("versions of a pod", { timeout: 120_000 }, () => {
  let market: TestMarket;
  before(async () => {
    market = await openTestMarket(1);
    market.write("shop/server.js", PROGRAM);
  });
  after(() => market?.[Symbol.asyncDispose]());
  const status = (name: string) => market.json<Status>(`pod status ${name}`);

  describe("that are images of a registry", { skip: NO_REGISTRY }, () => {
    let images: ImageRegistry;
    before(async () => {
      images = await startImages(join(market.cwd, "shop"), { repository: "shop/web", tag: "1" });
    });
    after(() => images?.[Symbol.asyncDispose]());
    const write = (name: string, image: string) =>
      market.write(
        `${name}.yaml`,
        `name: ${name}\ncontainers: { web: { image: "${image}", ports: [{ port: 8080, host: ${name}.test }] } }\n`,
      );

    it("run by the digest that the file names, which the status says", async () => {
      write("exact", `${images.host}/shop/web@${images.digest}`);
      await market.done("pod deploy exact.yaml");
      assert.deepEqual((await status("exact")).images, { web: images.digest });
      assert.match(await market.done("pod status exact"), new RegExp(`^ +web image +${images.digest}$`, "m"));
      assert.deepEqual(await market.ask("exact.test"), { status: 200, body: "hello" });
      await market.done("pod delete exact");
    });

    it("run by the digest that a tag came to, which is pinned and printed", async () => {
      const name = `${images.host}/shop/web:1`;
      write("tagged", name);
      const said = `image ${name} is ${images.digest}\n`;
      assert.ok((await market.done("pod deploy tagged.yaml --dry-run")).includes(said));
      const { exit, err } = await market.orrery("pod deploy tagged.yaml");
      assert.deepEqual([exit, err.startsWith(said)], [0, true], err);
      assert.deepEqual((await status("tagged")).images, { web: images.digest });
      await market.done("pod delete tagged");
    });

    it("are refused by a digest that the registry has not, before any money moves", async () => {
      const before = await market.json<{ readonly leases: readonly unknown[] }>("balance");
      const wrong = `sha256:${"1".repeat(64)}`;
      write("wrong", `${images.host}/shop/web@${wrong}`);
      const { exit, err } = await market.orrery("pod deploy wrong.yaml");
      assert.notEqual(exit, 0);
      assert.match(
        err,
        new RegExp(`Cannot fetch the image "${images.host}/shop/web"\\s+the registry has no manifests/${wrong}`),
      );
      assert.deepEqual(await market.json("balance"), before);
    });
  });

  /** Asks for the pod again and again, until it is stopped. */
  function hammer() {
    const [answers, failures]: [string[], string[]] = [[], []];
    let isOver = false;
    const ask = async () => {
      while (!isOver) {
        const answer = await market.ask("pair.test").catch((error: Error) => ({ status: 0, body: error.message }));
        if (answer.status === 200) answers.push(answer.body);
        else failures.push(`${answer.status} ${answer.body}`);
        await new Promise((resolve) => setTimeout(resolve, 5)); // The pod is to have the machine, too.
      }
    };
    const asking = [ask(), ask()];
    const stop = async () => {
      isOver = true;
      await Promise.all(asking);
      return { answers, failures };
    };
    return { answers, stop };
  }

  it("take turns without a failed request while two copies are updated to another image and environment, and keep their volume", async () => {
    market.write("pod.yaml", pair());
    await market.done("pod deploy --deposit=5");
    await market.ask("pair.test", { path: "/file/note", method: "PUT", body: "kept" });
    const { images } = await status("pair");
    const client = hammer();
    market.write("next/server.js", PROGRAM.replace("response.end(process.env", "response.end('next ' + process.env"));
    market.write("pod.yaml", pair({ image: "./next", env: "there" }));
    const { exit, out, err } = await market.orrery("pod update");
    const { answers, failures } = await client.stop();
    assert.equal(exit, 0, err);
    assert.match(out, /^Plan\n[\s\S]* +containers\.web\.env\.GREETING +hi -> there +restart$/m);
    assert.match(out, /^pair is running, healthy$/m);
    assert.deepEqual(failures, []);
    assert.deepEqual([...new Set(answers)], ["hi", "next there"]);
    const after = await status("pair");
    assert.notEqual(after.images["web"], images["web"]);
    assert.match(err, new RegExp(`^image ./next is ${after.images["web"]}$`, "m"));
    assert.equal(after.replicas.length, 2);
    assert.equal((await market.ask("pair.test", { path: "/file/note" })).body, "kept");
  });

  it("roll back where the next one does not start, without a failed request, and say so", async () => {
    const client = hammer();
    market.write("broken/server.js", "console.error('no such table'); process.exit(9);");
    market.write("broken.yaml", pair({ image: "./broken" }));
    const before = await status("pair");
    const { exit, err } = await market.orrery("pod update broken.yaml");
    const { answers, failures } = await client.stop();
    assert.equal(exit, 1);
    assert.match(err, /Cannot run pod "pair": container "web" ended 3 times \(exit 9\), and wrote:\s+no such table/);
    assert.match(err, /What ran before runs on$/m);
    assert.deepEqual(failures, []);
    assert.deepEqual([...new Set(answers)], ["next there"]);
    const { state, healthy, images } = await status("pair");
    assert.deepEqual([state, healthy, images], ["running", true, before.images]);
    assert.match(await market.done("pod events pair"), /update failed +what ran before runs on$/m);
    assert.equal((await market.ask("pair.test", { path: "/file/note" })).body, "kept");
  });

  it("drop a volume by --delete-volume alone", async () => {
    market.write("bare.yaml", pair({ image: "./next", env: "there", volume: false }));
    const plan = await market.done("pod update bare.yaml --dry-run");
    assert.match(plan, /data/);
    const refused = await market.orrery("pod update bare.yaml");
    assert.equal(refused.exit, 1);
    assert.match(refused.err, /the content of volume "data" would go/);
    assert.match(refused.err, /--delete-volume=data/);
    assert.equal((await market.ask("pair.test", { path: "/file/note" })).body, "kept");
    await market.done("pod update bare.yaml --delete-volume=data");
    market.write("pod.yaml", pair({ image: "./next", env: "there" }));
    await market.done("pod update");
    assert.match((await market.ask("pair.test", { path: "/file/note" })).body, /ENOENT/);
  });
});
