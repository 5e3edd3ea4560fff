import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseAppFile } from "./parse-app-file.ts";

const refusal = (text: string): string => {
  try {
    parseAppFile(text, { file: "orrery.yaml", in: "demo.test" });
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

/** A text that is no good, and what is said of it. */
const BAD: readonly (readonly [text: string, says: string])[] = [
  ["component: {}", '1:1: there is no "component": did you mean "components"?'],
  ["components: { greeter: 3 }", '"components.greeter" is 3: write a path from this file\'s folder'],
  ["components: { greeter: ../greeter.ts }", '1:24: "components.greeter" is "../greeter.ts", outside of this file'],
  ["components: { greeter: { path: /etc } }", '"components.greeter.path" is "/etc", outside of this file'],
  ["components: { greeter: { path: a.ts, instances: 0 } }", '"components.greeter.instances" is 0: write'],
  ["components: { 'a b': a.ts }", "write a name of a service, or its last part"],
  ["mechtrons: { main: main.ts }", "write a path of a .wasm or a .js from this file's folder such as main.wasm"],
  ["mechtrons: { main: ../main.wasm }", "outside of this file's folder"],
  ["mechtrons: { Main: main.wasm }", "write a name of small letters, digits and - such as main"],
  [
    "mechtrons: { main: { path: a.js, memory: 2GiB } }",
    '"mechtrons.main.memory" is out of range: write from 64KiB to 1GiB',
  ],
  ["mechtrons: { main: { path: a.js, cpu: 0s } }", '"mechtrons.main.cpu" is out of range: write from 1ms to 1h'],
  [
    "mechtrons:\n  main: { path: a.js, statefull: true }",
    '2:23: there is no "mechtrons.main.statefull": did you mean "stateful"?',
  ],
  ["mechtrons: { main: { path: a.js, stateful: yes } }", '"mechtrons.main.stateful" is "yes": write true or false'],
  [
    "mechtrons:\n  main: { path: a.js, stateful: true, persist: Sometimes }",
    '2:48: "mechtrons.main.persist" is "Sometimes": write None, ReplicateToFile',
  ],
  [
    "mechtrons:\n  main: { path: a.js, persist: None }",
    '2:32: "mechtrons.main.persist" is of no use without stateful: write stateful: true, or leave it out',
  ],
  [
    "mechtrons: { main: main.js }\nroutes: [{ path: /, mechtron: mian }]",
    '2:31: "routes.0.mechtron" is "mian", which is none of this app: it has main',
  ],
  ["requires: ['a b']", '1:12: "requires.0" is no address: '],
  [
    "resources: { .:files: Filesystem! }",
    '"resources..:files" is "Filesystem!": write a name of a kind such as FileSystem',
  ],
  ["resources: { 'a b': FileSystem }", '"resources.a b" is no address: '],
  ["resources: { demo.test: Base }", "is a space, in which resources lie: write .:NAME for one beside the app"],
  ["resources: { '.:files:/a': Base }", "is a file: name what it lies in, and have the app write it"],
  [
    "resources: { .:all: Grant }",
    "is a Grant, which is not made for an app: make it yourself, and name it under requires",
  ],
  ["resources: { .:files: { kind: FileSystem, may: rr } }", '"resources..:files.may" is "rr": write some of csdrwx'],
  ["resources: { .:a: Base, demo.test:a: Base }", "is there twice: leave one of them out"],
  ["resources: { .:a: Base }\nrequires: [demo.test:a]", '2:12: "requires.0" is made, as resources says: leave it out'],
  ["env: { 1A: x }", "write a variable such as GREETING"],
  ["env: { PATH: x }", '1:14: "env.PATH" is one of the platform\'s own: choose another name'],
  ["env: { NODE_OPTIONS: x }", "is one of the platform's own"],
  ["env: { A: x }\nsecrets: { A: a }", '2:15: "secrets.A" is in env too: leave one of them out'],
  ["secrets: { A: { value: x } }", '"secrets.A" is a record: write a name of a secret'],
  ["routes: [{ path: x, redirect: /y }]", 'a path starts with "/": write "/x"'],
  ["routes: [{ path: '/{a}', files: '/html/{b}' }]", "has {b}, which the path does not have"],
];

describe("parseAppFile", () => {
  for (const [text, says] of BAD)
    it(`refuses ${JSON.stringify(text)}`, () => assert.ok(refusal(text).includes(says), refusal(text)));

  it("shows every mistake with its place, its line and a caret", () => {
    assert.equal(
      refusal("components:\n  greeter: { paht: a.ts }\nenv: { HOME: /x }\n"),
      [
        'Cannot read "orrery.yaml":',
        '  orrery.yaml:2:14: there is no "components.greeter.paht": did you mean "path"?',
        "      greeter: { paht: a.ts }",
        "                 ^",
      ].join("\n"),
    );
  });

  it("fills in what is left out, and starts addresses where the app lies", () => {
    const app = parseAppFile(
      [
        "components:",
        "  greeter: ./greeter.ts",
        "  shop.v1.Orders: { path: orders, instances: 2 }",
        "resources: { .:uploads: FileSystem, '.:notes': { kind: Base, may: rw, properties: { title: Notes } } }",
        "requires: ['.:files', other.test:db]",
        "env: { GREETING: Hello, TIMES: 3, LOUD: true }",
        "secrets: { API_KEY: api-key }",
        "timeout: 5s",
        "routes:",
        "  - { path: /greet, service: greeter/greet }",
        "  - { path: '/{rest*}', files: '/html/{rest}' }",
        "  - { path: '/up/{rest*}', files: '.:files:/{rest}' }",
      ].join("\n"),
      { file: "orrery.yaml", in: "demo.test", bundle: "demo.test:app-src:1.0.0" },
    );
    assert.deepEqual(app.components, [
      { name: "greeter", path: "greeter.ts", instances: undefined },
      { name: "shop.v1.Orders", path: "orders", instances: 2 },
    ]);
    assert.deepEqual(app.resources, [
      { address: "demo.test:uploads", kind: "FileSystem", properties: {}, may: "csdrwx" },
      { address: "demo.test:notes", kind: "Base", properties: { title: "Notes" }, may: "rw" },
    ]);
    assert.deepEqual(app.requires, ["demo.test:files", "other.test:db"]);
    assert.deepEqual(app.env, { GREETING: "Hello", TIMES: "3", LOUD: "true" });
    assert.deepEqual(app.secrets, { API_KEY: "api-key" });
    const [greet, own, files] = app.routes;
    assert.deepEqual([greet?.timeoutMs, greet?.target.kind], [5_000, "service"]);
    const addressOf = (target: typeof own) =>
      target?.target.kind === "files" ? target.target.address.segments.map(({ text }) => text) : [];
    assert.deepEqual(addressOf(own), ["demo.test", "app-src", "1.0.0"]);
    assert.deepEqual(addressOf(files), ["demo.test", "files"]);
  });

  it("has its mechtrons below the app, with what each may use, and routes to them by their names", () => {
    const app = parseAppFile(
      [
        "mechtrons:",
        "  main: ./main.wasm",
        "  thumbs: { path: thumbs.js, methods: [make], settings: { size: 200, crop: true }, memory: 32MiB, cpu: 500ms }",
        "routes:",
        "  - { path: /, mechtron: main, timeout: 2s }",
        "  - { path: /other, mechtron: '.:shop:main' }",
      ].join("\n"),
      { file: "orrery.yaml", in: "demo.test", app: "demo.test:app" },
    );
    assert.deepEqual(app.mechtrons, [
      { name: "main", path: "main.wasm", methods: [], settings: undefined, limits: {}, persist: undefined },
      {
        name: "thumbs",
        path: "thumbs.js",
        methods: ["make"],
        settings: { size: 200, crop: true },
        limits: { memoryBytes: 32 * 1024 * 1024, cpuMs: 500 },
        persist: undefined,
      },
    ]);
    assert.deepEqual(
      app.routes.map(({ target, timeoutBy }) => [target, timeoutBy]),
      [
        [{ kind: "mechtron", address: "demo.test:app:main" }, "orrery.yaml:5"],
        [{ kind: "mechtron", address: "demo.test:shop:main" }, undefined],
      ],
    );
  });

  it("has each mechtron forget, or remember by the rule that it says or the usual one", () => {
    const app = parseAppFile(
      [
        "mechtrons:",
        "  a: a.js",
        "  b: { path: b.js, stateful: false }",
        "  c: { path: c.js, stateful: true }",
        "  d: { path: d.js, stateful: true, persist: None }",
      ].join("\n"),
      { file: "orrery.yaml" },
    );
    assert.deepEqual(
      app.mechtrons.map(({ persist }) => persist),
      [undefined, undefined, "ReplicateToFile", "None"],
    );
  });

  it("takes a file that says nothing for an app of nothing", () => {
    assert.deepEqual(parseAppFile("# later\n", { file: "orrery.yaml" }).components, []);
  });
});
