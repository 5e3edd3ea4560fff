import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Route } from "./bind.ts";
import { type PathPattern, type PatternPart, parsePathPattern } from "./path-pattern.ts";
import { type RequestPath, readRequestPath } from "./request-path.ts";
import { createRouteTable } from "./route-table.ts";

function routeOf(path: PathPattern, methods: readonly string[] = ["GET"]): Route {
  const target = { kind: "redirect", to: [], status: 308 } as const;
  return { path, methods, target, timeoutMs: 1, timeoutBy: undefined, bodyBytesMax: 0, headers: [] };
}

function pathOf(text: string): RequestPath {
  const path = readRequestPath(text);
  assert.ok("parts" in path, text);
  return path;
}

/** Whether a pattern means a path, said again as simply as it can be: by a regular expression. */
function means({ parts }: PathPattern, path: readonly string[]): boolean {
  const forms = { one: "([^/]+)", rest: "(.*)" };
  const source = parts.map((part) => (part.form === "text" ? part.text : forms[part.form])).join("/");
  return new RegExp(`^${source}$`).test(path.join("/"));
}

const RANK = { text: 0, one: 1, rest: 2 };

/** The more exact of two first. */
function byExactness(a: PathPattern, b: PathPattern): number {
  for (let index = 0; ; index++) {
    const [one, other] = [a.parts[index], b.parts[index]];
    if (one === undefined || other === undefined) return 0;
    if (one.form !== other.form) return RANK[one.form] - RANK[other.form];
  }
}

const shapeOf = ({ parts }: PathPattern) =>
  parts.map((part) => (part.form === "text" ? part.text : part.form)).join("/");

describe("createRouteTable", () => {
  it("finds what trying every pattern finds", () => {
    const word = fc.constantFrom("a", "b", "c");
    const part = fc.oneof(
      word.map((text): PatternPart => ({ form: "text", text })),
      fc.constant<PatternPart>({ form: "one", name: "x" }),
    );
    const end = fc.constantFrom<PatternPart>(
      { form: "text", text: "" },
      { form: "text", text: "a" },
      { form: "one", name: "y" },
      { form: "rest", name: "r" },
    );
    const pattern = fc.tuple(fc.array(part, { maxLength: 4 }), end).map(([parts, last]): PathPattern => {
      const all = [...parts, last];
      return { parts: all, text: `/${all.map((one) => (one.form === "text" ? one.text : `{${one.name}}`)).join("/")}` };
    });
    const patterns = fc.uniqueArray(pattern, { maxLength: 12, selector: shapeOf });
    const paths = fc.array(fc.oneof(word, fc.constantFrom("", "d")), { minLength: 1, maxLength: 6 });
    let found = 0;
    fc.assert(
      fc.property(patterns, paths, (all, words) => {
        const path = { raw: words, parts: words };
        const matched = createRouteTable(all.map((one) => routeOf(one))).match("GET", path);
        const [best] = all.filter((one) => means(one, words)).sort(byExactness);
        if (best !== undefined) found++;
        assert.equal(matched.kind === "route" ? matched.route.path.text : undefined, best?.text);
      }),
      { numRuns: 20_000, seed: 5 },
    );
    assert.ok(found > 5_000 && found < 15_000, `${found}`);
  });

  const table = createRouteTable(
    (
      [
        ["/{rest*}", "GET"],
        ["/files/{rest*}", "GET"],
        ["/users/{name}", "GET"],
        ["/users/{who}", "PUT"],
        ["/users/me", "GET"],
        ["/users/{name}/posts", "GET"],
      ] as const
    ).map(([text, method]) => routeOf(parsePathPattern(text) as PathPattern, [method])),
  );
  const match = (path: string, method = "GET") => table.match(method, pathOf(path));
  const routeAt = (path: string) => {
    const matched = match(path);
    return matched.kind === "route" ? matched.route.path.text : matched.kind;
  };

  it("takes the most exact, the whole path, and looks at the method afterwards", () => {
    assert.equal(routeAt("/"), "/{rest*}");
    assert.equal(routeAt("/files"), "/{rest*}");
    assert.equal(routeAt("/files/"), "/files/{rest*}");
    assert.equal(routeAt("/x/files/a"), "/{rest*}");
    assert.equal(routeAt("/users/me"), "/users/me");
    assert.equal(routeAt("/users/ann"), "/users/{name}");
    assert.equal(routeAt("/users/me/posts"), "/users/{name}/posts");
    assert.equal(routeAt("/users/"), "/{rest*}");
    assert.deepEqual(match("/users/ann", "DELETE"), { kind: "method", allow: ["GET", "PUT"] });
    assert.deepEqual(match("/users/me", "PUT"), { kind: "method", allow: ["GET"] });
  });

  it("gives what was caught, unescaped and as it came", () => {
    const matched = match("/files/a%20b/%2541/c");
    assert.ok(matched.kind === "route");
    assert.equal(matched.caught.value("rest"), "a b/%41/c");
    assert.equal(matched.caught.raw("rest"), "a%20b/%2541/c");
    const put = match("/users/%C3%A5", "PUT");
    assert.ok(put.kind === "route");
    assert.equal(put.caught.value("who"), "å");
  });

  it("visits no more branches than there are, however patterns overlap", () => {
    const routes = Array.from({ length: 2 ** 9 }, (_, bits) =>
      routeOf({
        text: `${bits}`,
        parts: [
          ...Array.from(
            { length: 9 },
            (_, at): PatternPart =>
              (bits >> at) % 2 === 1 ? { form: "text", text: "a" } : { form: "one", name: `n${at}` },
          ),
          { form: "text", text: "end" },
        ],
      }),
    );
    const large = createRouteTable(routes);
    const path = pathOf(`/${"a/".repeat(100_000)}end`);
    assert.equal(large.match("GET", path).kind, "none");
    assert.equal(large.match("GET", pathOf(`/${"a/".repeat(9)}end`)).kind, "route");
  });
});

describe("readRequestPath", () => {
  const cases: readonly (readonly [path: string, is: readonly string[] | number])[] = [
    ["/", [""]],
    ["/a/b/", ["a", "b", ""]],
    ["/.well-known/x", [".well-known", "x"]],
    ["/a..b/...", ["a..b", "..."]],
    ["/%252e%252e/", ["%2e%2e", ""]],
    ["/a%2Fb", ["a/b"]],
    ["*", 400],
    ["/%", 400],
    ["/%zz", 400],
    ["/%ff", 400],
    ["/../a", 404],
    ["/a/..", 404],
    ["/./a", 404],
    ["/%2e%2e/a", 404],
    ["/.%2E/a", 404],
    ["/a/%2e%2E%2fb", 404],
    ["/..\\a", 404],
    ["/..%5ca", 404],
    ["/a%00.txt", 404],
  ];
  for (const [path, is] of cases)
    it(`reads ${path} as ${JSON.stringify(is)}`, () => {
      const read = readRequestPath(path);
      assert.deepEqual("parts" in read ? read.parts : read.status, is);
    });
});
