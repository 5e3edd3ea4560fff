import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { type BundleDescription, parseBundleFile } from "./bundle-file.ts";

const FILES = [
  { path: "/img/logo.png", contentType: "image/png" },
  { path: "/readme.md", contentType: "text/markdown; charset=utf-8" },
];
const parse = (text: string): BundleDescription => parseBundleFile(text, { file: "bundle.yaml", files: FILES });

describe("parseBundleFile", () => {
  it("reads everything that it may say", () => {
    const text = [
      "name: Image tools",
      "description: |",
      "  Makes pictures smaller.",
      "  And larger.",
      "image: ./img/logo.png",
      "authors: [Ann <ann@demo.test>, Bob]",
      "keywords: [Image, resize, image, Bild Größe, c++, web_site]",
    ].join("\n");
    assert.deepEqual(parse(text), {
      name: "Image tools",
      description: "Makes pictures smaller.\nAnd larger.\n",
      image: "/img/logo.png",
      authors: ["Ann <ann@demo.test>", "Bob"],
      keywords: ["bild-größe", "c++", "image", "resize", "web-site"],
    });
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ["nothing", "", 'bundle.yaml:1:1: "name" is missing'],
    ["no name", "description: x\n", 'bundle.yaml:1:1: "name" is missing'],
    ["a wrong type", "name: x\nauthors: Ann\n", 'bundle.yaml:2:10: "authors" is "Ann": write a list'],
    [
      "a name that is a number",
      "name: 7\n",
      'bundle.yaml:1:7: "name" is 7: write a name of up to 100 characters such as Image tools',
    ],
    ["a name of two lines", 'name: "a\\nb"\n', 'bundle.yaml:1:7: "name"'],
    ["a name that is too long", `name: ${"x".repeat(101)}\n`, "write a name of up to 100 characters"],
    [
      "an image that is not there",
      "name: x\nimage: img/logo.jpg\n",
      'bundle.yaml:2:8: "image" is "img/logo.jpg": the bundle has no such file, it has img/logo.png',
    ],
    ["an image outside", "name: x\nimage: ../logo.png\n", "the bundle has no such file"],
    ["an image that is none", "name: x\nimage: readme.md\n", "that is text/markdown; charset=utf-8, name a picture"],
    ["an unknown name", "name: x\nauthor: [Ann]\n", 'bundle.yaml:2:1: there is no "author": did you mean "authors"?'],
    [
      "a keyword of signs",
      'name: x\nkeywords: ["<b>"]\n',
      'bundle.yaml:2:12: "keywords[0]" is "<b>": write a keyword of letters and digits',
    ],
    ["a keyword that is too long", `name: x\nkeywords: [${"k".repeat(41)}]\n`, "up to 40 characters"],
    [
      "too many keywords",
      `name: x\nkeywords: [${Array.from({ length: 21 }, (_, n) => `k${n}`).join(", ")}]\n`,
      "it has 21 entries, write 0 to 20",
    ],
    ["what is no YAML", "name: [\n", "write it as YAML has it"],
    ["a name twice", "name: x\nname: y\n", "bundle.yaml:2:1"],
    ["an anchor that grows", "name: &a x\ndescription: *a\n", '"description" is an alias'],
    ["too much", `name: x\n${"#".repeat(70_000)}`, "it is longer than 65536 bytes"],
  ];
  for (const [what, text, why] of refused)
    it(`refuses ${what}`, async () => {
      await expectRefusal((async () => parse(text))(), "invalid_argument", why);
    });

  it("takes as many keywords, as long, as there may be", () => {
    const keywords = Array.from({ length: 20 }, (_, n) => `${"k".repeat(38)}${10 + n}`);
    assert.deepEqual(parse(`name: x\nkeywords: [${keywords.join(", ")}]\n`).keywords, keywords);
  });
});
