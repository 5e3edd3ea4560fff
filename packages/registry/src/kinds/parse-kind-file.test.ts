import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BASE_KINDS } from "./base-kinds.ts";
import { DEFAULT_LIFE } from "./kind.ts";
import { parseKindFile } from "./parse-kind-file.ts";

const parse = (text: string) => parseKindFile(text, { file: "kinds.yaml", beside: BASE_KINDS });

function refusal(text: string): string {
  try {
    parse(text);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

const LAMP = "kinds:\n  Lamp:\n    summary: Shines\n    parents: [Space]\n";
const property = (said: string) => `${LAMP}    properties:\n      hue: ${said}\n`;
const life = (said: string) => `${LAMP}    life: ${said}\n`;

const BAD: readonly (readonly [text: string, says: string])[] = [
  ["kind: {}", '1:1: there is no "kind": did you mean "kinds"?'],
  ["kinds: [Lamp]", '1:8: "kinds" is a list: write names with a value each, such as Lamp: …'],
  ["kinds: { lamp: { summary: x, parents: [Space] } }", '1:10: "lamp" is no name here: write a name of a kind'],
  ["kinds: { Lamp: { parents: [Space] } }", '1:16: "kinds.Lamp.summary" is missing: write it'],
  ["kinds: { Lamp: { summary: x } }", '1:16: "kinds.Lamp.parents" is missing: write it'],
  ["kinds: { Lamp: { summary: x, parents: [] } }", '"kinds.Lamp.parents" is a list: it has 0 entries'],
  [
    "kinds: { Lamp: { summary: x, parents: [Spcae] } }",
    '1:40: "kinds.Lamp.parents.0" is "Spcae": did you mean "Space"?',
  ],
  ["kinds: { Lamp: { summary: x, parents: [Bundle] } }", 'is "Bundle": it is sealed, and nothing is put into it'],
  ["kinds: { Base: { summary: x, parents: [Space] } }", '"kinds.Base" is a kind already: choose another name'],
  [`${LAMP}    segments: [path]\n`, '"kinds.Lamp.segments[0]" is "path": write name, domain, version, email'],
  [`${LAMP}    driver: anonymous\n`, 'is "anonymous", who is anybody: name a component'],
  [`${LAMP}    driver: a b\n`, '5:13: "kinds.Lamp.driver" is "a b": write the name of a component such as lamps'],
  [`${LAMP}    sealed: true\n`, 'there is no "kinds.Lamp.sealed"'],
  [`${LAMP}    removal: always\n`, '"kinds.Lamp.removal" is "always": write refuse, cascade'],
  [
    life("{ Creating: [Ready], Ready: [] }"),
    '5:11: "kinds.Lamp.life" has no Destroying, Destroyed: write where they may go',
  ],
  [
    life("{ Creating: [Ready], Ready: [Lit], Destroying: [Destroyed], Destroyed: [] }"),
    '5:40: "kinds.Lamp.life.Ready.0" is "Lit", which is no state of it: add it',
  ],
  [property("{ summary: x }"), '6:12: "kinds.Lamp.properties.hue.schema" is missing: write it'],
  [property("{ schema: string }"), 'schema" is "string": write a JSON Schema such as { type: string }'],
  [
    property("{ schema: { type: strin } }"),
    '6:30: "kinds.Lamp.properties.hue.schema.type" is "strin": did you mean "string"?',
  ],
  [
    property("{ schema: { type: object, properties: { a: { maxLenght: 3 } } } }"),
    '6:68: "kinds.Lamp.properties.hue.schema.properties.a.maxLenght" is no keyword of JSON Schema: did you mean "maxLength"?',
  ],
  [property("{ schema: { minLength: -1 } }"), 'schema.minLength" is -1: it must be >= 0'],
  [property('{ schema: { type: string, pattern: "(" } }'), 'schema" is none: Invalid regular expression'],
  [property("{ schema: { $ref: 'http://x.test/y' } }"), "can't resolve reference http://x.test/y"],
  [
    property("{ schema: { type: string }, default: 7 }"),
    '6:49: "kinds.Lamp.properties.hue.default" is 7: it must be string',
  ],
  [
    property("{ schema: &s { type: string }, default: *s }"),
    'properties.hue.default" is an alias: write what JSON can say',
  ],
  [property("{ schema: { type: string }, requierd: true }"), 'did you mean "required"?'],
  [property("{ schema: { type: string }, remembered: 0 }"), "write a whole number from 1 to 100"],
  [`${LAMP}    properties: { quota: { schema: {} } }\n`, '"kinds.Lamp.properties.quota" is what says how many bytes'],
  [`${LAMP}  Lamp: {}\n`, "Map keys must be unique"],
  [property(`{ schema: ${"[".repeat(40)}${"]".repeat(40)} }`), "write at most 32 levels"],
  ["kinds: {}\0", 'Cannot read "kinds.yaml": it holds a zero byte, write text'],
  [`#${"x".repeat(300_000)}`, 'Cannot read "kinds.yaml": it is longer than 262144 bytes'],
];

describe("parseKindFile", () => {
  for (const [text, says] of BAD)
    it(`refuses ${JSON.stringify(text.slice(0, 160))}`, () => assert.ok(refusal(text).includes(says), refusal(text)));

  it("shows every mistake with its place, its line and a caret", () => {
    assert.equal(
      refusal(`${LAMP}    drvier: lamps\n    removal: never\n`),
      [
        'Cannot read "kinds.yaml":',
        '  kinds.yaml:5:5: there is no "kinds.Lamp.drvier": did you mean "driver"?',
        "        drvier: lamps",
        "        ^",
        '  kinds.yaml:6:14: "kinds.Lamp.removal" is "never": write refuse, cascade',
        "        removal: never",
        "                 ^",
      ].join("\n"),
    );
  });

  it("gives kinds as data, and fills in what is left out", () => {
    assert.deepEqual(parse(LAMP), [{ name: "Lamp", summary: "Shines", parents: ["Space"], segments: ["name"] }]);
    const schema = { type: "object", properties: { a: { type: ["string", "null"] } }, default: { a: null } };
    const whole = {
      summary: "Shines",
      parents: ["Space", "Shelf", "root"],
      segments: ["name", "version"],
      properties: {
        word: {
          summary: "A word",
          schema: { type: "string" },
          required: true,
          constant: true,
          locked: true,
          secret: true,
        },
        of: { schema, refers: "sibling", remembered: 3, default: { a: "x" } },
      },
      driver: "lamps",
      removal: "cascade",
      life: { ...DEFAULT_LIFE, Ready: ["Lit"], Lit: [] },
    };
    const shelf = { summary: "Holds lamps", parents: ["Space"] };
    assert.deepEqual(parse(JSON.stringify({ kinds: { Lamp: whole, Shelf: shelf } })), [
      { name: "Lamp", ...whole, properties: { ...whole.properties, of: { summary: "of", ...whole.properties.of } } },
      { name: "Shelf", ...shelf, segments: ["name"] },
    ]);
  });

  it("finds none in a file that is empty", () => {
    for (const text of ["", "# none\n", "kinds: {}\n"]) assert.deepEqual(parse(text), []);
  });
});
