import assert from "node:assert/strict";
import fs, { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it, mock, type TestContext } from "node:test";
import { createLog } from "@orrery/core";
import { followLogLevel } from "./system-log-level.ts";

const folder = mkdtempSync(join(tmpdir(), "levels-"));
const file = join(folder, "levels.json");
after(() => rmSync(folder, { recursive: true }));

/** Writes the file as whoever says the levels does: whole, by its name. */
function say(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** What is written of a line of each level, and of one of the process itself. */
function follow() {
  const written: string[] = [];
  const place = { address: "demo.test:app:till", file, name: "till" };
  const { telemetry, write } = followLogLevel(place, { form: "json", writeLine: (line) => void written.push(line) });
  const clock = { now: () => 0, monotonic: () => 0 } as never;
  const host = { node: "n", incarnation: 1, clock, limits: undefined, directory: undefined, components: () => [] };
  const { log: sink } = telemetry.seat(host);
  const log = createLog({ sink: sink ?? assert.fail("no sink"), now: () => 0 });
  const levels = () => {
    written.length = 0;
    log.debug("d", { address: "Main Street" });
    log.info("i");
    log.warn("w");
    log.error("e");
    write({ timeMs: 0, level: "warn", text: "own", fields: {} });
    return written.map((line) => (JSON.parse(line) as { readonly text: string }).text).join("");
  };
  /** Done when what is written is so; else it goes on until the test is over. */
  const becomes = async (texts: string, { signal }: Pick<TestContext, "signal">) => {
    while (levels() !== texts) {
      signal.throwIfAborted();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { telemetry, written, levels, becomes };
}

describe("followLogLevel", () => {
  it("writes from info on while nothing is said, and from the level on that its file says from then on", async (test) => {
    const { telemetry, written, levels, becomes } = follow();
    assert.equal(levels(), "iweown");
    say('{"till":"debug"}');
    await becomes("diweown", test);
    assert.equal(telemetry.logs.messages, true);
    assert.deepEqual(JSON.parse(written[0] ?? ""), {
      ...{ time: "1970-01-01T00:00:00.000Z", level: "debug", text: "d", address: "demo.test:app:till" },
      fields: { address: "Main Street" },
    });
    say('{"till":"error","other":"debug"}');
    await becomes("e", test);
    assert.equal(telemetry.logs.messages, false);
    say('{"till":"off"}');
    await becomes("", test);
    say("{}");
    await becomes("iweown", test);
  });

  it("looks at its file where the system lets it watch no more", async (test) => {
    const limit = mock.method(fs, "watch", () => {
      throw new Error("EMFILE: too many open files, watch");
    });
    say("{}");
    const { levels, becomes } = follow();
    limit.mock.restore();
    assert.equal(levels(), "iweown");
    say('{"till":"error"}');
    await becomes("e", test);
  });

  it("begins as its file says, and stays so where it cannot be read", async (test) => {
    say('{"till":"off"}');
    const { levels, becomes } = follow();
    assert.equal(levels(), "");
    say("{ torn");
    say('{"till":"loud"}'); // Which is no level: as if nothing were said.
    await becomes("iweown", test);
  });
});
