import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRedactor, createStreamRedactor } from "./redact.ts";

const SECRETS = ["s3cret", "s3cret-and-more", "abab-c", "two\nlines here", "abc"];
const TEXT = "key s3cret-and-more, s3cret.\nababab-c s3 lines here two abc abab-\n";
const CLEAN = "key ***, ***.\nab*** s3 *** two abc abab-\n";

describe("createRedactor", () => {
  it("takes out secrets, the longest first, each of their lines, and none of fewer than four letters", () => {
    assert.equal(createRedactor(SECRETS)(TEXT), CLEAN);
  });
});

describe("createStreamRedactor", () => {
  it("gives the same wherever a text is cut", () => {
    for (let from = 0; from <= TEXT.length; from++)
      for (let to = from; to <= TEXT.length; to++) {
        const stream = createStreamRedactor(SECRETS);
        const pieces = [TEXT.slice(0, from), TEXT.slice(from, to), TEXT.slice(to)];
        const shown = pieces.map((piece) => stream.push(piece)).join("") + stream.end();
        assert.equal(shown.includes("s3cret"), false, `${from} ${to}`);
        assert.equal(shown.replace("***-and-more", "***"), CLEAN, `${from} ${to}`);
      }
  });

  it("holds back nothing of a line that is ended, and all that may be a secret of one that is not", () => {
    const stream = createStreamRedactor(["s3cret"]);
    assert.equal(stream.push("a line of s3\n"), "a line of s3\n");
    assert.deepEqual(
      [stream.push("and s3cr"), stream.push("edit"), stream.push("s3c"), stream.end()],
      ["and ", "s3credit", "", "s3c"],
    );
  });
});
