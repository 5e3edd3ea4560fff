import assert from "node:assert/strict";
import { test } from "node:test";
import { blanksOf } from "./host-config.ts";
import { parseHostFile } from "./parse-host-file.ts";

const parse = (text: string) => parseHostFile(text, { file: "host.yaml" });

test("parseHostFile takes numbers of processes, and ranges of them", () => {
  const { components, elastic, lend } = parse(
    "components: { a: { instances: 3 }, b: { instances: 1..8, elastic: { waitMs: 50 } }, c: {} }\nelastic: { idleMs: 60000 }\n",
  );
  assert.deepEqual(components, {
    a: { instances: 3 },
    b: { instances: { min: 1, max: 8 }, elastic: { waitMs: 50 } },
    c: {},
  });
  assert.deepEqual(elastic, { scope: "host", idleMs: 60000 });
  assert.deepEqual(lend, { instances: 0, to: [] });
});

test("parseHostFile takes what each instance has for its own: a process, or a thread where that is said", () => {
  assert.equal(parse("components: { a: {} }").isolate, "process");
  const { isolate, components } = parse("isolate: thread\ncomponents: { a: { isolate: process }, b: {} }\n");
  assert.deepEqual({ isolate, components }, { isolate: "thread", components: { a: { isolate: "process" }, b: {} } });
});

for (const [said, kept] of [
  ["{}", {}],
  ["components: { a: { instances: 3 }, b: { isolate: thread } }", {}],
  ["components: { a: { instances: 1..3 }, b: { isolate: thread } }", { process: 1 }],
  ["components: { a: {}, b: { instances: 1..3, isolate: thread } }", { thread: 1 }],
  ["isolate: thread\ncomponents: { a: { instances: 2..2 }, b: { instances: 1..3 } }", { thread: 1 }],
  ["lend: { instances: 2, to: [shops] }\ncomponents: { a: { isolate: thread } }", { process: 1, thread: 1 }],
  ["blanks: 2", { process: 2 }],
  ["blanks: 2\ncomponents: { a: { isolate: thread } }", { process: 2, thread: 2 }],
  ["blanks: 0\ncomponents: { a: { instances: 1..3 } }", { process: 0 }],
] as const)
  test(`blanksOf keeps ${JSON.stringify(kept)} for ${JSON.stringify(said)}`, () => {
    assert.deepEqual(blanksOf(parse(said)), kept);
  });

for (const [said, where, why] of [
  ["0..3", "1:31", "write a whole number from 0 to 256, or from least to most such as 1..8"],
  ["8..1", "1:31", "write a whole number from 0 to 256, or from least to most such as 1..8"],
  ["1..257", "1:31", "write a whole number from 0 to 256, or from least to most such as 1..8"],
  ["257", "1:31", "write a whole number from 0 to 256, or from least to most such as 1..8"],
  ["many", "1:31", "write a whole number from 0 to 256, or from least to most such as 1..8"],
  ["1, elastic: { waitMs: 0 }", "1:53", "write a number from 1 to 3600000"],
  ["1, elastic: { step: 1.5 }", "1:51", "write a whole number from 1 to 1000"],
  ["1, elastic: { scope: process }", "1:52", "write host, network, any"],
  ["1, isolate: fiber", "1:43", '"components.a.isolate" is "fiber": write process, thread'],
  ["1, elastic: { max: 3 }", "1:45", 'there is no "components.a.elastic.max"'],
] as const)
  test(`parseHostFile refuses instances: ${said}, and says where and why`, () => {
    assert.throws(() => parse(`components: { a: { instances: ${said} } }`), {
      code: "invalid_argument",
      message: new RegExp(`^Cannot read "host.yaml":\\n  host.yaml:${where}: .*${why.replace(/[.]/g, "\\.")}`),
    });
  });

const KEY = "5f".repeat(32);

test("parseHostFile takes keys from the folder of its file, and seeds with keys", () => {
  const seeds = [`tcp://10.0.0.7:7100?key=${KEY}`];
  const text = `seeds: ["${seeds[0]}"]\nsecurity: { keys: own.key, allow: [{ key: ${KEY}, agents: [ops] }] }\n`;
  const config = parseHostFile(text, { file: "/srv/shop/host.yaml" });
  assert.deepEqual(config.security, { keys: "/srv/shop/own.key", allow: [{ key: KEY, agents: ["ops"] }] });
  assert.deepEqual(config.seeds, seeds);
  assert.deepEqual(parse("security: { keys: /etc/own.key }").security, { keys: "/etc/own.key", allow: [] });
  assert.equal(parse("name: alpha").security, undefined);
});

for (const [said, where, why] of [
  ["security: {}", "1:11", "keys"],
  ["security: { keys: a, allow: [{ key: 5f, agents: [] }] }", "1:37", "64 letters of hex"],
  [`security: { keys: a, allow: [{ key: ${KEY} }] }`, "1:30", "agents"],
  ['security: { keys: a }\nseeds: ["tcp://10.0.0.7:7100"]', "2:9", "it has no key, and this host encrypts"],
  ['security: { keys: a }\nseeds: ["tcp://10.0.0.7:7100?key=5f"]', "2:9", "it has no key, and this host encrypts"],
  [
    `seeds: ["tcp://10.0.0.7:7100?key=${KEY}"]`,
    "1:9",
    "it has a key, and this host has none: give it one under security",
  ],
] as const)
  test(`parseHostFile refuses ${said.replace(KEY, "KEY")}, and says where and why`, () => {
    const message = new RegExp(`^Cannot read "host.yaml":\\n  host.yaml:${where}: .*${why}`);
    assert.throws(() => parse(said), { code: "invalid_argument", message });
  });
