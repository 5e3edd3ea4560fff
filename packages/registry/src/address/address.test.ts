import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import fc from "fast-check";
import { type Address, ancestorsOf, parentOf, parentText, printAddress, rangeBelow } from "./address.ts";
import { parseAddress } from "./parse-address.ts";
import type { Segment } from "./segment.ts";
import { searchPlan, selects } from "./select.ts";
import { parseSelector, printSelector } from "./selector.ts";

const name = fc.stringMatching(/^[a-z0-9](-?[a-z0-9]){0,8}$/);
const domain = fc.tuple(name, fc.stringMatching(/^[a-z]{2,5}$/)).map((parts) => parts.join("."));
const number = fc.nat({ max: 99 });
const version = fc
  .tuple(number, number, number, fc.constantFrom("", "-rc.1", "+b-7", "-alpha+001"))
  .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`);
const email = fc.tuple(name, domain).map((parts) => parts.join("@"));
const tag = name.map((text) => `[${text}]`);
const as = (form: Segment["form"]) => (text: string) => ({ form, text });
const segment: fc.Arbitrary<Segment> = fc.oneof(
  name.map(as("name")),
  domain.map(as("domain")),
  version.map(as("version")),
  email.map(as("email")),
  tag.map(as("tag")),
);
const part = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what paths refuse
  .filter((text) => !/[/\u0000-\u001f\u007f]/.test(text) && text !== "." && text !== ".." && text.isWellFormed());
const path = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([parts, isDirectory]) => `/${parts.join("/")}${isDirectory ? "/" : ""}`);
const address: fc.Arbitrary<Address> = fc.record(
  {
    authority: fc.oneof(
      domain.map((text) => ({ form: "domain" as const, text })),
      tag.map((text) => ({ form: "tag" as const, text })),
    ),
    segments: fc.array(segment, { minLength: 1, maxLength: 5 }),
    path,
  },
  { requiredKeys: ["segments"], noNullPrototype: true },
);

describe("parseAddress", () => {
  it("reads back whatever printAddress writes", () => {
    fc.assert(
      fc.property(address, (one) => assert.deepEqual(parseAddress(printAddress(one)), one)),
      { numRuns: 5_000 },
    );
  });

  it("says what each segment is", () => {
    const { segments } = parseAddress("demo.test:my-files:1.2.3-rc.1:ann@demo.test:[latest]:7");
    assert.deepEqual(
      segments.map(({ form }) => form),
      ["domain", "name", "version", "email", "tag", "name"],
    );
  });

  it("reads authority, segments and path", () => {
    assert.deepEqual(parseAddress("[hub]::ann.test:tool:1.0.0:/doc/a b.md"), {
      authority: { form: "tag", text: "[hub]" },
      segments: [
        { form: "domain", text: "ann.test" },
        { form: "name", text: "tool" },
        { form: "version", text: "1.0.0" },
      ],
      path: "/doc/a b.md",
    });
  });

  for (const [text, whole] of [
    [".", "demo.test:app"],
    [".:main", "demo.test:app:main"],
    [".:/x/y", "demo.test:app:/x/y"],
    ["..", "demo.test"],
    ["..:files:/x", "demo.test:files:/x"],
  ] as const)
    it(`resolves ${text}`, () => {
      assert.equal(printAddress(parseAddress(text, { base: parseAddress("demo.test:app") })), whole);
    });

  for (const [text, column, why] of [
    ["", 1, "it is empty"],
    ["Demo Test", 5, "a blank is not allowed: a segment has small letters"],
    ["demo.test:Files", 11, 'capitals are not allowed: write "files"'],
    ["demo.test:my_files", 13, '"_" is not allowed: a segment has small letters'],
    ["demo test", 5, "a blank is not allowed"],
    ["demo.test:", 11, "a segment is missing"],
    ["demo.test::files", 1, undefined],
    ["demo.test:files:1.0", 17, '"1.0" is no version: a version has three numbers, as in 1.2.3'],
    ["demo.test:files:/a//b", 20, 'a name is missing between "/" and "/"'],
    ["demo.test:files:/../x", 18, '".." is not allowed in a path'],
    ["demo.test:files:/a/./x", 20, '"." is not allowed in a path'],
    ["demo.test:files:/a\u0000", 19, "control characters are not allowed"],
    ["demo.test:[Latest]", 11, '"[Latest]" is no tag'],
    ["/a/b", 1, "it names no segment"],
    [".:x", 1, "is relative"],
    ["hub::demo.test:x", 1, '"hub" names no network'],
    ["demo.test:-x", 11, '"-x" is no segment'],
    [`demo.test:${"a".repeat(64)}`, 74, "a name has up to 63 characters"],
    [`a${":b".repeat(16)}`, 33, "it has more than 16 segments"],
    [`demo.test:/${"a".repeat(1_100)}`, 1025, "it is longer than 1024 characters"],
    [`demo.test:f:/${"ä".repeat(128)}`, 14, "a name in a path has up to 255 bytes"],
  ] as const)
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      if (why === undefined) return assert.equal(parseAddress(text).authority?.text, "demo.test");
      assert.throws(
        () => parseAddress(text),
        (error) =>
          isOrreryError(error) &&
          error.code === "invalid_argument" &&
          error.message.includes(why) &&
          error.details["column"] === column,
      );
    });

  it("shows the place by a caret, and no control character", () => {
    assert.throws(() => parseAddress("demo.test:\u001b[2J"), {
      message:
        'Cannot parse address "demo.test:\u00b7[2J": "\u00b7" is not allowed: a segment has small letters, digits and "-", as in "my-files", at column 11\n  demo.test:\u00b7[2J\n            ^',
    });
  });

  it("survives any text, in time in proportion to its length", () => {
    const piece = fc.constantFrom(
      "a",
      ":",
      "::",
      ":/",
      "/",
      ".",
      "..",
      "[",
      "]",
      "@",
      "1.0.0",
      "-",
      "<",
      ">",
      "*",
      "Z",
      " ",
      "\ud800",
    );
    const text = fc.oneof(
      fc.string({ maxLength: 64 }),
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
    );
    const runs = Number(process.env["ORRERY_ADDRESSES"] ?? 50_000);
    fc.assert(
      fc.property(text, (one) => {
        for (const parse of [parseAddress, parseSelector]) {
          try {
            parse(one);
          } catch (error) {
            if (!isOrreryError(error) || error.code !== "invalid_argument") throw error;
          }
        }
      }),
      { numRuns: runs },
    );
  });
});

describe("parents and ranges of addresses", () => {
  it("are the same of an address and of its text", () => {
    fc.assert(
      fc.property(address, (one) => {
        const above = parentOf(one);
        assert.equal(parentText(printAddress(one)), above === undefined ? "" : printAddress(above));
      }),
    );
  });

  it("lead from a file up to its space", () => {
    assert.deepEqual(ancestorsOf("demo.test:files:/d/e/a.bin"), [
      "demo.test:files:/d/e/",
      "demo.test:files:/d/",
      "demo.test:files",
      "demo.test",
    ]);
  });

  it("hold exactly what lies below", () => {
    fc.assert(
      fc.property(address, address, (one, other) => {
        const [text, below] = [printAddress(one), printAddress(other)];
        const { after, before } = rangeBelow(text);
        const isFile = one.path !== undefined && !text.endsWith("/");
        const bytes = Buffer.from(below);
        const isWithin =
          Buffer.compare(bytes, Buffer.from(after)) > 0 && Buffer.compare(bytes, Buffer.from(before)) < 0;
        if (!isFile) assert.equal(isWithin, ancestorsOf(below).includes(text));
      }),
    );
  });
});

describe("selectors", () => {
  for (const [selector, address, kind, isMeant] of [
    ["demo.test", "demo.test", "Space", true],
    ["demo.test:*", "demo.test:files", "FileSystem", true],
    ["demo.test:*", "demo.test", "Space", false],
    ["demo.test:*", "demo.test:files:/a", "File", false],
    ["demo.test:**", "demo.test:files:/a/b", "File", true],
    ["demo.test:**", "demo.test", "Space", false],
    ["demo.test:**<File>", "demo.test:files", "FileSystem", false],
    ["demo.test:**<File>", "demo.test:files:/a", "File", true],
    ["demo.test:files:*", "demo.test:files:/a", "File", true],
    ["demo.test:files:/*", "demo.test:files:/d/", "Directory", true],
    ["demo.test:files:/*", "demo.test:files:/d/x", "File", false],
    ["demo.test:files:/d/**", "demo.test:files:/d/x/y", "File", true],
    ["demo.test:files:/d/", "demo.test:files:/d/", "Directory", true],
    ["demo.test:files:/d/**", "demo.test:files:/e/x", "File", false],
    ["demo.test:site:1.0.0:/**", "demo.test:site:1.0.0:/index.html", "Artifact", true],
    ["demo.test:*:1.0.0", "demo.test:site:1.0.0", "Bundle", true],
    ["*", "demo.test", "Space", true],
    ["**", "demo.test:a:b", "Base", true],
    ["hub.test::a:*", "a:b", "Base", false],
    ["hub.test::a:*", "hub.test::a:b", "Base", true],
  ] as const)
    it(`${selector} ${isMeant ? "means" : "does not mean"} ${address}`, () => {
      assert.equal(selects(parseSelector(selector), { address, kind }), isMeant);
    });

  it("are written as they are read, and look nowhere else than where they plan to", () => {
    const step = <T>(one: fc.Arbitrary<T>) => fc.oneof(one, fc.constant({ form: "any" as const }));
    const wild = fc.record(
      { hops: fc.array(step(segment), { minLength: 1, maxLength: 3 }), kind: fc.constantFrom("File", "Space") },
      { requiredKeys: ["hops"], noNullPrototype: true },
    );
    fc.assert(
      fc.property(wild, address, (selector, one) => {
        assert.deepEqual(parseSelector(printSelector(selector)), selector);
        const text = printAddress(one);
        const { root, reach, isExact } = searchPlan(selector);
        const isWithin =
          reach === "itself"
            ? text === root
            : reach === "children"
              ? parentText(text) === root
              : root === "" || ancestorsOf(text).includes(root);
        if (isExact && isWithin && one.authority === undefined && selector.kind !== "Space")
          assert.ok(selects(selector, { address: text, kind: "File" }), `${text} of ${printSelector(selector)}`);
        if (!selects(selector, { address: text, kind: "File" })) return;
        if (reach === "itself") assert.equal(text, root);
        else if (reach === "children") assert.equal(parentText(text), root);
        else assert.ok(root === "" || ancestorsOf(text).includes(root));
      }),
    );
  });

  for (const [text, column, why] of [
    ["demo.test:**:x", 11, '"**" stands at the end only'],
    ["demo.test:**<file>", 14, '"file" is no kind'],
    ["demo.test:**<File", 18, 'a ">" is missing'],
    ["demo.test:f:/**/x", 14, '"**" stands at the end only'],
  ] as const)
    it(`refuse ${text}`, () => {
      assert.throws(
        () => parseSelector(text),
        (error) => isOrreryError(error) && error.message.includes(why) && error.details["column"] === column,
      );
    });
});
