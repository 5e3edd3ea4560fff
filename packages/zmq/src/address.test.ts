import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress, printAddress } from "./address.ts";

for (const [text, host, port] of [
  ["tcp://127.0.0.1:5555", "127.0.0.1", 5555],
  ["tcp://localhost:1", "localhost", 1],
  ["tcp://[::1]:65535", "::1", 65535],
] as const) {
  test(`parseAddress reads ${text}, and printAddress prints it`, () => {
    assert.deepEqual(parseAddress(text, "connect"), { host, port });
    assert.equal(printAddress({ host, port }), text);
  });
}

for (const path of ["x", "/run/a b.sock", `/${"é".repeat(53)}`]) {
  test(`parseAddress reads ipc://${path}, and printAddress prints it`, () => {
    assert.deepEqual(parseAddress(`ipc://${path}`, "listen"), { path });
    assert.equal(printAddress({ path }), `ipc://${path}`);
  });
}

test("parseAddress reads * as every address to listen on", () => {
  assert.deepEqual(parseAddress("tcp://*:0", "listen"), { host: "0.0.0.0", port: 0 });
});

for (const [text, why] of [
  ["", "it is not of the form tcp://HOST:PORT or ipc://PATH"],
  ["127.0.0.1:5555", "it is not of the form tcp://HOST:PORT or ipc://PATH"],
  ["ipc://", "behind ipc:// stands the path of a file"],
  ["ipc:///run/", "behind ipc:// stands the path of a file"],
  ["ipc://@hidden", "only paths of files are supported, write ipc://PATH"],
  ["ipc://*", "only paths of files are supported, write ipc://PATH"],
  [`ipc:///${"é".repeat(54)}`, "its path has 109 bytes, the limit is 107, choose a shorter one"],
  ["tcp://host", "it is not of the form tcp://HOST:PORT or ipc://PATH"],
  ["tcp://host:port", "it is not of the form tcp://HOST:PORT or ipc://PATH"],
  ["tcp://::1:5555", "it is not of the form tcp://HOST:PORT or ipc://PATH"],
  ["tcp://host:65536", "its port is over 65535"],
  ["tcp://host:0", "port 0 can only be listened on, give the port of a listener"],
  ["tcp://*:5555", "* can only be listened on, give the host of a listener"],
] as const) {
  test(`parseAddress refuses to connect to "${text}"`, () => {
    const message = `Cannot parse address "${text}": ${why}`;
    assert.throws(() => parseAddress(text, "connect"), { name: "ZmqError", code: "invalid_argument", message });
  });
}
