import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { openKeystore, parsePod } from "@orrery/market";
import { type } from "../testing/memory-terminal.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-pods-"));
after(() => rmSync(cwd, { recursive: true }));
const env = { HOME: cwd };
const orrery = (words: string, more: object = {}) => type(words.split(" "), { cwd, env, ...more });
const write = (file: string, text: string) => writeFileSync(join(cwd, file), text);

describe("orrery pod init", () => {
  it("writes a pod file that is valid, which orrery pod validate sums up", async () => {
    mkdirSync(join(cwd, "hello"));
    const made = await orrery("pod init --image=./hello --http=8080 --tcp=25 --udp=53 --memory=64MiB");
    assert.equal(made.exit, 0, made.err);
    assert.equal(made.out, readFileSync(join(cwd, "pod.yaml"), "utf8"));
    assert.match(made.err, /^Wrote pod\.yaml\. Next: orrery pod validate\n$/);
    const { name, containers } = parsePod(made.out, { file: "pod.yaml" });
    assert.equal(name, "hello");
    assert.deepEqual(containers[0]?.ports, [
      { protocol: "http", port: 8080, host: "hello.test" },
      { protocol: "tcp", port: 25 },
      { protocol: "udp", port: 53 },
    ]);
    const { exit, out } = await orrery("pod validate");
    assert.equal(exit, 0);
    assert.equal(
      out,
      `pod.yaml is valid: pod "hello", one copy
  web  ./hello  http://hello.test at 8080, tcp 25, udp 53
  held for it: cpu 100 (thousandth of a core), memory 64 (MiB)
`,
    );
  });

  it("leaves a file as it is that is there", async () => {
    const before = readFileSync(join(cwd, "pod.yaml"), "utf8");
    const { exit, err } = await orrery("pod init --image=registry.test/other");
    assert.deepEqual([exit, err], [1, 'Cannot write "pod.yaml"\n  it is there already, name another file\n']);
    assert.equal(readFileSync(join(cwd, "pod.yaml"), "utf8"), before);
  });

  for (const [words, why] of [
    ["pod init new.yaml", /--image is missing\nTry: orrery pod init --image=/],
    ["pod init new.yaml --image=UPPER", /write a folder such as \.\/web, or NAME/],
    ["pod init new.yaml --image=x --http=80 --host=a.test --host=b.test", /"b\.test" has no port/],
    ["pod init new.yaml --image=x --memory=lots", /new\.yaml:\d+:\d+: .*memory.*lots/],
    ["pod init new.yaml --image=x --tcp=x", /"x" is no port/],
  ] as const)
    it(`writes nothing and says why for ${words}`, async () => {
      const { exit, err } = await orrery(words);
      assert.equal(exit, 2, err);
      assert.match(err, why);
      assert.equal(existsSync(join(cwd, "new.yaml")), false);
    });
});

describe("orrery pod validate", () => {
  it("tells a typo with its line, its column and what was meant", async () => {
    write("typo.yaml", "name: hello\ncontainers:\n  web:\n    imge: ./hello\n");
    const { exit, err } = await orrery("pod validate typo.yaml");
    assert.equal(exit, 2);
    assert.match(err, /typo\.yaml:4:5: .*"containers\.web\.imge": did you mean "image"/);
    assert.match(err, /^ +\^/m);
  });

  it("tells which folders and files are not there", async () => {
    write(
      "bare.yaml",
      "name: bare\ncontainers: { web: { image: ./none, secrets: { token: /run/token } } }\nsecrets: { token: token.txt }\n",
    );
    const { exit, err } = await orrery("pod validate bare.yaml");
    assert.equal(exit, 4);
    assert.match(err, /there is no folder "\.\/none".*there is no file "token\.txt"/);
    assert.equal((await orrery("pod validate nowhere.yaml")).exit, 4);
  });
});

describe("orrery pod import", () => {
  it("makes a pod file of a compose file, and tells what it left out", async () => {
    write(
      "compose.yaml",
      "services:\n  web:\n    image: registry.test/web:1\n    ports: ['8080:80']\n    privileged: true\n",
    );
    const { exit, out, err } = await orrery("pod import compose.yaml shop.yaml --name=shop");
    assert.equal(exit, 0, err);
    assert.match(err, /^compose\.yaml:5: "services\.web\.privileged" is left out$/m);
    assert.equal(parsePod(readFileSync(join(cwd, "shop.yaml"), "utf8"), { file: "shop.yaml" }).name, "shop");
    assert.equal(out, readFileSync(join(cwd, "shop.yaml"), "utf8"));
  });

  it("says what is to be mended where it comes to no good pod file, and writes none for what is no compose file", async () => {
    write("half.yaml", "services:\n  web:\n    image: BAD\n");
    const half = await orrery("pod import half.yaml mended.yaml");
    assert.equal(half.exit, 1);
    assert.match(half.err, /Wrote mended\.yaml, which is to be mended:\n.*\n +mended\.yaml:4:12: /);
    assert.equal((await orrery("pod import typo.yaml none.yaml")).exit, 2);
    assert.equal(existsSync(join(cwd, "none.yaml")), false);
  });
});

describe("orrery wallet", () => {
  it("makes a keystore that its password opens and only its user may read, once", async () => {
    const made = await orrery("wallet new ann --output=json", { secrets: ["clockwork", "clockwork"] });
    assert.equal(made.exit, 0, made.err);
    const { account, file } = JSON.parse(made.out) as { account: string; file: string };
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal((await openKeystore(file, { password: "clockwork" })).address.toLowerCase(), account);
    assert.ok(!`${made.out}${made.err}${readFileSync(file, "utf8")}`.includes("clockwork"));
    assert.match((await orrery("wallet new ann", { secrets: ["other-one", "other-one"] })).err, /there is one already/);
    assert.equal((await orrery("wallet show ann")).out, `${account}\n`);
    assert.match((await orrery("wallet ls")).out, new RegExp(`^ann +${account}  `, "m"));
  });

  for (const [words, secrets, why] of [
    ["wallet new bob", ["short", "short"], /it has 5 characters, at least 8/],
    ["wallet new bob", ["clockwork", "clockwerk"], /the second one differs/],
    ["wallet new bob", undefined, /nobody types here/],
    ["wallet new ../bob", ["clockwork", "clockwork"], /a name has small letters/],
    ["wallet show bob", undefined, /Cannot find wallet "bob"/],
  ] as const)
    it(`makes none for ${words} with ${secrets?.join(", ") ?? "nothing typed"}`, async () => {
      const { exit, err } = await orrery(words, { secrets });
      assert.notEqual(exit, 0);
      assert.match(err, why);
      assert.equal(existsSync(join(cwd, ".config/orrery/wallets/bob.json")), false);
    });
});
