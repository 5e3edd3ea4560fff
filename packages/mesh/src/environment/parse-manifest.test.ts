import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseManifest } from "./parse-manifest.ts";

const parse = (text: string) => parseManifest(text, { file: "shop/component.yaml" });

/** A manifest that says all there is to say. */
const WHOLE = `
name: shop
version: 1.2.0
main: src/shop.ts
engine: ">=24"
variables:
  DATABASE_URL: { type: url, secret: true, from: { file: secrets/database }, about: where orders are kept }
  PAGE_SIZE: { type: integer, min: 1, max: 100, default: 20 }
  PATIENCE: { type: duration, default: 2s }
  MODE: { type: one-of, values: [test, live], from: { env: SHOP_MODE } }
  DEBUG: { type: boolean, required: false }
  TITLE: string
files:
  - prices.json
  - { path: data, is: folder, access: write }
ports:
  http: 8080
  metrics: { port: 9090, host: 127.0.0.1 }
disk: 1GiB
memory: 256MiB
reach:
  - https://example.com/
  - { to: "tcp://db:5432", required: true, within: 5s }
checks:
  - check.ts
  - { name: schema, run: [node, check.ts, --schema], within: 10s }
commands:
  beforeStart: [migrate.ts]
  afterShutdown: [{ script: clean.sh }]
packages: false
instances: 2
resources: { memoryMax: 512MiB }
limits:
  inbox: { messages: 100, bytes: 1MiB }
  instances: { min: 1, max: 4 }
`;

describe("parseManifest", () => {
  it("reads all there is to say, and fills in what is left out", () => {
    const { variables, ...others } = parse(WHOLE);
    assert.deepEqual(
      variables.map(({ name, type, isRequired, from }) => [name, type, isRequired, from.kind, from.name]),
      [
        ["DATABASE_URL", "url", true, "file", "secrets/database"],
        ["PAGE_SIZE", "integer", false, "env", "PAGE_SIZE"],
        ["PATIENCE", "duration", false, "env", "PATIENCE"],
        ["MODE", "one-of", true, "env", "SHOP_MODE"],
        ["DEBUG", "boolean", false, "env", "DEBUG"],
        ["TITLE", "string", true, "env", "TITLE"],
      ],
    );
    assert.deepEqual(
      variables.map((variable) => variable.default),
      [undefined, 20, 2_000, undefined, undefined, undefined],
    );
    assert.deepEqual(others, {
      name: "shop",
      version: "1.2.0",
      main: "src/shop.ts",
      engine: ">=24",
      files: [
        { path: "prices.json", is: "file", access: "read" },
        { path: "data", is: "folder", access: "write" },
      ],
      ports: [
        { name: "http", host: "0.0.0.0", port: 8080 },
        { name: "metrics", host: "127.0.0.1", port: 9090 },
      ],
      diskBytes: 2 ** 30,
      memoryBytes: 2 ** 28,
      reach: [
        { to: "https://example.com/", isRequired: false, timeoutMs: 2_000 },
        { to: "tcp://db:5432", isRequired: true, timeoutMs: 5_000 },
      ],
      checks: [
        { name: "check.ts", words: ["node", "check.ts"], timeoutMs: 60_000 },
        { name: "schema", words: ["node", "check.ts", "--schema"], timeoutMs: 10_000 },
      ],
      beforeStart: [{ name: "migrate.ts", words: ["node", "migrate.ts"], timeoutMs: 60_000 }],
      afterShutdown: [{ name: "clean.sh", words: ["./clean.sh"], timeoutMs: 60_000 }],
      packages: false,
      instances: 2,
      memoryBytesMax: 2 ** 29,
      limits: { inboxMessagesMax: 100, inboxBytesMax: 2 ** 20, instancesMin: 1, instancesMax: 4 },
    });
  });

  it("reads an empty file, and one of comments, as nothing said", () => {
    assert.deepEqual(parse(""), parse("# nothing yet\n"));
    assert.equal(parse("").packages, true);
  });

  const MISTAKES: readonly (readonly [what: string, text: string, told: string])[] = [
    ["an unknown name that is nearly one", "engin: '>=24'", '1:1: there is no "engin": did you mean "engine"?'],
    [
      "an unknown name deep inside",
      "limits:\n  inbox:\n    mesages: 3",
      '3:5: there is no "limits.inbox.mesages": did you mean "messages"?',
    ],
    [
      "an unknown name like none",
      "resources: { wheels: 4 }",
      '1:14: there is no "resources.wheels": write one of memoryMax',
    ],
    ["a number where a text belongs", "name: 3", '1:7: "name" is 3: write a text such as some text'],
    [
      "a list where a record belongs",
      "variables: [A]",
      '1:12: "variables" is a list: write names with a value each, such as DATABASE_URL: …',
    ],
    [
      "a time without a unit",
      "checks: [{ script: a.ts, within: 10 }]",
      '1:34: "checks[0].within" is 10: write a time such as 30s',
    ],
    ["a size that is none", "disk: lots", '1:7: "disk" is "lots": write a size such as 512MiB'],
    [
      "a type that is none",
      "variables:\n  A: { type: text }",
      '2:14: "variables.A.type" is "text": write string, integer, number, boolean, url, duration, one-of',
    ],
    [
      "a name that is no variable's",
      "variables: { a-b: string }",
      '1:14: "a-b" is no name here: write a variable such as DATABASE_URL',
    ],
    ["a port out of range", "ports: { http: 0 }", '1:16: "ports.http" is 0: write a whole number from 1 to 65535'],
    ["a range that is none", "engine: new", '1:9: "engine" is "new": write a range of versions such as >=24'],
    [
      "a default of another type",
      "variables: { A: { type: integer, default: many } }",
      '1:43: "variables.A.default" is "many": write a whole number',
    ],
    [
      "a secret with a default",
      "variables: { A: { secret: true, default: x } }",
      '1:42: "variables.A.default" is a secret that everybody can read: write from: { file: … }',
    ],
    [
      "a choice without words",
      "variables: { A: { type: one-of } }",
      '1:17: "variables.A.values" is missing: write the words of which it is one',
    ],
    [
      "a variable from two places",
      "variables: { A: { from: { file: a, env: A } } }",
      '1:25: "variables.A.from" names no place: write file or env',
    ],
    [
      "a command that is none",
      "checks: [{ name: a }]",
      '1:10: "checks[0]" names no command: write script or run, one of them',
    ],
    [
      "a command of two kinds",
      "commands: { beforeStart: [{ script: a.ts, run: [b] }] }",
      '1:27: "commands.beforeStart[0]" names no command: write script or run, one of them',
    ],
    [
      "a place of another protocol",
      "reach: [ftp://example.com]",
      '1:9: "reach[0]" is "ftp://example.com": write a place such as https://example.com/ or tcp://db:5432',
    ],
    ["a file without a path", "files: [{ is: folder }]", '1:9: "files[0].path" is missing: write it'],
    [
      "more copies than its limits",
      "instances: 5\nlimits: { instances: { max: 4 } }",
      '1:12: "instances" is 5: write a number from 1 to 4, as limits.instances says',
    ],
    [
      "limits upside down",
      "limits: { instances: { min: 3, max: 2 } }",
      '1:22: "limits.instances" has min 3 above max 2: write a lower min',
    ],
    [
      "an alias",
      "name: &n shop\nmain: *n",
      '2:7: "main" is an alias: write a path from this folder such as data/prices.json',
    ],
    ["a name that stands twice", "name: a\nname: b", "2:1: Map keys must be unique: write it as YAML has it"],
    [
      "what is no YAML",
      "name: [a",
      "1:9: Flow sequence in block collection must be sufficiently indented and end with a ]: write it as YAML has it",
    ],
  ];
  for (const [what, text, told] of MISTAKES)
    it(`refuses ${what}, and says where and what would work`, () => {
      assert.throws(() => parse(text), {
        code: "invalid_argument",
        message: `Cannot read "shop/component.yaml":\n  shop/component.yaml:${told}`,
      });
    });

  it("tells every mistake at once, in their order", () => {
    assert.throws(() => parse("nam: a\ndisk: 1\nports: { http: 1, https: x }\nwheels: 4"), {
      message: [
        'Cannot read "shop/component.yaml":',
        'shop/component.yaml:1:1: there is no "nam": did you mean "name"?',
        'shop/component.yaml:2:7: "disk" is 1: write a size such as 512MiB',
        'shop/component.yaml:3:26: "ports.https" is "x": write a whole number from 1 to 65535',
        'shop/component.yaml:4:1: there is no "wheels": write one of name, version, main, engine, variables, files, ports, disk, memory, reach, checks, commands, packages, instances, resources, limits',
      ].join("\n  "),
    });
  });

  it("refuses a file that is too long before it reads it", () => {
    assert.doesNotThrow(() => parse(`#${"x".repeat(262_143)}`));
    assert.throws(() => parse(`#${"x".repeat(262_144)}`), {
      message: 'Cannot read "shop/component.yaml": it is longer than 262144 bytes',
    });
  });
});
