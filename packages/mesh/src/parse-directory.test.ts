import assert from "node:assert/strict";
import { test } from "node:test";
import { OrreryError } from "@orrery/core";
import fc from "fast-check";
import { DIRECTORY_ADDRESSES_MAX } from "./limits.ts";
import { parseDirectory, printDirectory } from "./parse-directory.ts";

test("parseDirectory reads components and their addresses, in order", () => {
  const directory = parseDirectory(
    [
      "# the network of the example",
      "weather   tcp://127.0.0.1:7101",
      "",
      "a.b.Stations tcp://127.0.0.1:7102 tcp://[::1]:7103 # two copies",
      "weather   tcp://host-2.example:65535\r",
    ].join("\n"),
  );
  assert.deepEqual(directory.components(), ["weather", "a.b.Stations"]);
  assert.deepEqual(directory.resolve("weather"), ["tcp://127.0.0.1:7101", "tcp://host-2.example:65535"]);
  assert.deepEqual(directory.resolve("a.b.Stations"), ["tcp://127.0.0.1:7102", "tcp://[::1]:7103"]);
  assert.deepEqual(directory.resolve("nobody"), []);
});

test("parseDirectory keeps a key behind an address", () => {
  const address = `tcp://127.0.0.1:7101?key=${"0f".repeat(32)}`;
  assert.deepEqual(parseDirectory(`weather ${address}`).resolve("weather"), [address]);
});

test("parseDirectory reads several addresses of one node as one place", () => {
  const place = "ipc:///run/weather.sock|tcp://127.0.0.1:7101";
  assert.deepEqual(parseDirectory(`weather ${place}`).resolve("weather"), [place]);
});

const BAD_LINES: readonly (readonly [line: string, text: string])[] = [
  ["weather", 'Cannot read component "weather": it has no address, write one such as tcp://127.0.0.1:7101'],
  [
    "wea/ther tcp://127.0.0.1:1",
    'Cannot read component name "wea/ther": a name is letters, digits, "-" and "_", in parts joined by "."',
  ],
  [
    "weather 127.0.0.1:7101",
    'Cannot read address "127.0.0.1:7101": write scheme://place, such as tcp://127.0.0.1:7101',
  ],
  [
    "weather ipc:///run/w.sock|tcp://x:0",
    'Cannot read address "tcp://x:0": a tcp address is tcp://host:port with a port from 1 to 65535',
  ],
  [
    "weather tcp://127.0.0.1:0",
    'Cannot read address "tcp://127.0.0.1:0": a tcp address is tcp://host:port with a port from 1 to 65535',
  ],
  [
    "weather tcp://127.0.0.1:65536",
    'Cannot read address "tcp://127.0.0.1:65536": a tcp address is tcp://host:port with a port from 1 to 65535',
  ],
  [
    "weather tcp://127.0.0.1:7101?key=12",
    'Cannot read address "tcp://127.0.0.1:7101?key=12": a tcp address is tcp://host:port with a port from 1 to 65535',
  ],
  [
    "weather tcp://127.0.0.1:1 tcp://127.0.0.1:1",
    'Cannot read component "weather": address "tcp://127.0.0.1:1" is there twice',
  ],
];

for (const [line, text] of BAD_LINES) {
  test(`parseDirectory refuses ${JSON.stringify(line)} with file and line`, () => {
    assert.throws(
      () => parseDirectory(`# first\n${line}\n`, { file: "network.txt" }),
      (error) =>
        error instanceof OrreryError && error.code === "invalid_argument" && error.message === `network.txt:2: ${text}`,
    );
  });
}

test("parseDirectory tells every bad line at once", () => {
  assert.throws(
    () => parseDirectory("weather\nok tcp://h:1\n!", { file: "n" }),
    (error) => error instanceof OrreryError && /^n:1: .*\nn:3: /.test(error.message),
  );
});

test("parseDirectory takes as many addresses as the limit says, and not one more", () => {
  const line = (count: number) => `weather ${Array.from({ length: count }, (_, i) => `tcp://h:${i + 1}`).join(" ")}`;
  assert.equal(parseDirectory(line(DIRECTORY_ADDRESSES_MAX)).resolve("weather").length, DIRECTORY_ADDRESSES_MAX);
  assert.throws(() => parseDirectory(line(DIRECTORY_ADDRESSES_MAX + 1)), /it has more than 1000 addresses/);
});

test("printDirectory writes what parseDirectory reads", () => {
  const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,8}(\.[a-zA-Z][a-zA-Z0-9_-]{0,8}){0,2}$/);
  const address = fc.integer({ min: 1, max: 65_535 }).map((port) => `tcp://127.0.0.1:${port}`);
  const table = fc.dictionary(name, fc.uniqueArray(address, { minLength: 1, maxLength: 4 }), { noNullPrototype: true });
  fc.assert(
    fc.property(table, (places) => {
      const text = Object.entries(places)
        .map(([component, addresses]) => `${component} ${addresses.join(" ")}`)
        .join("\n");
      const directory = parseDirectory(text);
      const again = parseDirectory(printDirectory(directory));
      assert.deepEqual(again.components(), directory.components());
      for (const component of directory.components()) {
        assert.deepEqual(again.resolve(component), directory.resolve(component));
      }
    }),
  );
});

test("parseDirectory never crashes on any text", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      try {
        parseDirectory(text);
      } catch (error) {
        assert.ok(error instanceof OrreryError);
      }
    }),
  );
});
