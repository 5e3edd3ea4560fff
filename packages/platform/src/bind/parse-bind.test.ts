import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { parseBind } from "./parse-bind.ts";

const WHERE = { file: "routes.yaml", of: "demo.test" };

function refusal(text: string): string {
  try {
    parseBind(text, WHERE);
  } catch (error) {
    assert.ok(isOrreryError(error) && error.code === "invalid_argument", String(error));
    return error.message;
  }
  assert.fail("it was not refused");
}

const route = (...lines: readonly string[]) => `routes:\n  - ${lines.join("\n    ")}\n`;

/** What is refused, where, and in which words. */
const BAD: readonly (readonly [text: string, says: string])[] = [
  ["", "it says nothing, write at least routes: []"],
  ["routs: []", '1:1: there is no "routs": did you mean "routes"?'],
  ["routes: []\ntimeout: soon", '2:10: "timeout" is "soon": write a time such as 30s'],
  ["routes: []\ntimeout: 2h", '2:10: "timeout" is 2h: write from 1ms to 1h'],
  ["routes: []\nbody: 17GiB", '2:7: "body" is 17GiB: write up to 16GiB'],
  [
    route("path: /a", "service: a.B/c", "body: 33MiB"),
    "is 33MiB: a service is handed the body whole, write up to 32MiB",
  ],
  [route("path: /a", "mechtron: .:m", "body: 2MiB"), "is 2MiB: a mechtron is handed the body whole, write up to 1MiB"],
  ["routes: []\nrate: -1", '2:7: "rate" is -1: write a number from 0.001 to 1000000'],
  ["routes: []\nrate: { burst: 5 }", '2:7: "rate.perSecond" is missing: write it'],
  ["routes: []\nheaders: { Content-Length: '5' }", "is set by the server itself: leave it out"],
  ["routes: []\nheaders: { A: '1', a: '2' }", 'is "A" again, case does not matter: leave one of them out'],
  ['routes: []\nheaders: { A: "x\\r\\nB: 1" }', "write a value of a header such as DENY"],
  ["routes:\n  - path: /a\n    files: [", "write it as YAML has it"],
  [route("files: demo.test:files"), '"routes[0].path" is missing: write it'],
  [route("path: a", "redirect: /b"), '2:11: "routes[0].path" is "a", a path starts with "/": write "/a"'],
  [route("path: /a"), '"routes[0].path" leads nowhere: write one of files, service, mechtron, upstream, redirect'],
  [route("path: /a", "redirect: /b", "upstream: http://x"), '"routes[0].redirect" is a second target beside upstream'],
  [route("path: /a//b", "redirect: /b"), 'has nothing between "/" and "/": leave one of them out'],
  [route("path: /../b", "redirect: /b"), 'has "..", which no request reaches: write the whole way'],
  [route("path: /x{a}", "redirect: /b"), 'has "x{a}": a place is a whole part'],
  [route("path: /{a*}/b", "redirect: /b"), 'has "{a*}" before its end: write {a} for one part'],
  [route("path: /{a}/{a}", "redirect: /b"), 'has two places named "a": give each a name of its own'],
  [route("path: /a?b", "redirect: /b"), 'has "a?b": a query is no part of a path, leave it out'],
  [route("path: /a%20b", "redirect: /b"), "write letters as they are, requests are compared unescaped"],
  [route(`path: /${"a/".repeat(40)}`, "redirect: /b"), "has 41 parts, up to 32 are allowed"],
  [route("path: /a", "methods: [FETCH]", "redirect: /b"), '"routes[0].methods[0]" is "FETCH": write GET, HEAD, POST'],
  [
    route("path: /a", "methods: [POST]", "files: demo.test:f"),
    "has POST, files answer GET and HEAD alone: leave it out",
  ],
  [route("path: /a", "methods: [GET]", "service: a.B/c"), "has GET, a service is sent a body"],
  [route("path: /a", "files: Demo:f"), '3:12: "routes[0].files" is no address: capitals are not allowed: write "demo"'],
  [route("path: /a", "files: demo.test:{x}:/a"), '"{" is not allowed'],
  [route("path: /a", "files: hub.test::demo.test:f"), "is of another network: name one of this"],
  [route("path: /{name}", "files: demo.test:f:/{nam}"), "has {nam}, which the path does not have: it has {name}"],
  [
    route("path: /a", "redirect: /{x}"),
    "has {x}, which the path does not have: write a place in the path, such as {x}",
  ],
  [route("path: /a", "service: nothing"), 'is "nothing": write component and method such as shop.v1.Orders/Create'],
  [route("path: /a", "upstream: ftp://x/"), 'is "ftp://x/": write http:// or https:// and a host'],
  [route("path: /a", "upstream: http://u:p@x/"), "has a password: leave what stands before @ out"],
  [route("path: /{h}", "upstream: http://{h}/"), "write http:// or https:// and a host"],
  [route("path: /a", "upstream: http://x/#y"), 'has a "#", which no server is sent: leave it out'],
  [route("path: /a", "redirect: //evil.test/"), 'leads to "//evil.test/": write a path from "/"'],
  [route("path: /{h}", "redirect: https://{h}/"), "write a path from"],
  [route("path: /a", "redirect: { to: /b, status: 305 }"), "has status 305: write one of 301, 302, 303, 307, 308"],
  [
    route("path: /a", "redirect: /b", "body: 1MiB"),
    "is for a service, a mechtron or an upstream, redirect takes no body",
  ],
  [route("path: /a", "mechtron: other.test:app:main"), "is of another space: name one of this"],
  [route("path: /a", "mechtron: .:app:main:/x"), "has a path: leave it out"],
  [route("path: /a", "mechtron: a b"), "is no address: "],
  [route("path: /a", "redirect: /b", "timeout: 1s"), "is for what may take time, a redirect does not"],
  [
    "routes:\n  - { path: '/{a}', redirect: /x }\n  - { path: '/{b}', redirect: /y }",
    '3:13: "routes[1].path" is never reached by GET: routes[0] has the same path, leave one of them out',
  ],
];

describe("parseBind", () => {
  it("cuts a bound of bodies that is said for all routes to what each target can be handed", () => {
    const targets = ["service: a.B/c", "mechtron: .:m", "upstream: 'http://127.0.0.1:9000'"];
    const lines = targets.map((target, at) => `  - { path: /${at}, ${target} }`);
    const { routes } = parseBind(["body: 1GiB", "routes:", ...lines].join("\n"), WHERE);
    assert.deepEqual(
      routes.map(({ bodyBytesMax }) => bodyBytesMax / 1024 ** 2),
      [32, 1, 1024],
    );
  });

  for (const [text, says] of BAD)
    it(`refuses ${JSON.stringify(text)}`, () => assert.ok(refusal(text).includes(says), refusal(text)));

  it("shows every mistake with its place, its line and a caret", () => {
    assert.equal(
      refusal("timeout: soon\nroutes:\n  - path: /a\n    file: demo.test:f\n"),
      [
        'Cannot read "routes.yaml":',
        '  routes.yaml:1:10: "timeout" is "soon": write a time such as 30s',
        "    timeout: soon",
        "             ^",
        '  routes.yaml:4:5: there is no "routes[0].file": did you mean "files"?',
        "        file: demo.test:f",
        "        ^",
      ].join("\n"),
    );
  });

  it("fills in what is left out", () => {
    const [files, service, upstream, redirect] = parseBind(
      [
        "timeout: 5s",
        "headers: { A: '1', B: '2' }",
        "routes:",
        "  - { path: '/{rest*}', files: '.:site:[latest]:/{rest}', headers: { a: '3' } }",
        "  - { path: /s, service: shop.v1.Orders/Create, rate: 2.5, timeout: 1m }",
        "  - { path: /u, upstream: 'http://127.0.0.1:9000', body: 2KiB, rate: { perSecond: 1, burst: 9, of: client } }",
        "  - { path: /r, redirect: /there }",
      ].join("\n"),
      { file: "b", of: "demo.test" },
    ).routes;
    assert.deepEqual([files?.methods, files?.timeoutMs, files?.bodyBytesMax], [["GET", "HEAD"], 5_000, 0]);
    assert.deepEqual(files?.headers, [
      ["B", "2"],
      ["a", "3"],
    ]);
    assert.ok(files?.target.kind === "files");
    assert.deepEqual(
      files.target.address.segments.map(({ text }) => text),
      ["demo.test", "site", "[latest]"],
    );
    assert.deepEqual([service?.methods, service?.timeoutMs, service?.bodyBytesMax], [["POST"], 60_000, 1024 * 1024]);
    assert.deepEqual(service?.rate, { perSecond: 2.5, burst: 3, of: "all" });
    assert.deepEqual(upstream?.rate, { perSecond: 1, burst: 9, of: "client" });
    assert.equal(upstream?.bodyBytesMax, 2048);
    assert.deepEqual(upstream?.target, { kind: "upstream", origin: "http://127.0.0.1:9000", path: ["/"] });
    assert.deepEqual(redirect?.target, { kind: "redirect", to: ["/there"], status: 308 });
  });
});
