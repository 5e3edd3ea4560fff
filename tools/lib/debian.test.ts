import assert from "node:assert/strict";
import { test } from "node:test";
import { ensurePackages, type Machine, type SystemPackage } from "./debian.ts";

const wanted: readonly SystemPackage[] = [
  { name: "curl", probe: ["curl"], because: "it is called" },
  { name: "python3-zmq", probe: ["python3"], because: "a peer" },
];

function machine(options: {
  missing: string[];
  mayInstall: boolean;
  works: boolean;
}): Machine & { installed: string[] } {
  const installed: string[] = [];
  return {
    installed,
    mayInstall: options.mayInstall,
    missing: (packages) =>
      options.missing.filter(
        (missing) => packages.some(({ name }) => name === missing) && !installed.includes(missing),
      ),
    install: (names) => {
      if (options.works) installed.push(...names);
      return options.works;
    },
  };
}

test("ensurePackages does nothing when all packages are there", () => {
  assert.equal(ensurePackages(wanted, machine({ missing: [], mayInstall: false, works: false })), undefined);
});

test("ensurePackages installs just what is missing where it may", () => {
  const host = machine({ missing: ["python3-zmq"], mayInstall: true, works: true });
  assert.equal(ensurePackages(wanted, host), undefined);
  assert.deepEqual(host.installed, ["python3-zmq"]);
});

test("ensurePackages says exactly what to install where apt may not be used", () => {
  const text = ensurePackages(wanted, machine({ missing: ["python3-zmq"], mayInstall: false, works: false }));
  assert.equal(
    text,
    "Cannot set up: system packages are missing and only root may install them, install them by\n" +
      "  apt-get update && apt-get install --no-install-recommends python3-zmq\n" +
      "  python3-zmq: a peer",
  );
});

test("ensurePackages says so when apt fails", () => {
  const text = ensurePackages(wanted, machine({ missing: ["curl"], mayInstall: true, works: false }));
  assert.match(text ?? "", /^Cannot set up: system packages are missing and apt-get could not install them/);
});

test("ensurePackages tries what is optional, and goes on without", () => {
  const packages = [...wanted, { name: "radosgw", probe: ["radosgw"], because: "a peer", isOptional: true } as const];
  const host = machine({ missing: ["radosgw"], mayInstall: true, works: false });
  assert.equal(ensurePackages(packages, host), undefined);
  const able = machine({ missing: ["radosgw", "curl"], mayInstall: true, works: true });
  assert.equal(ensurePackages(packages, able), undefined);
  assert.deepEqual(able.installed, ["radosgw", "curl"]);
});
