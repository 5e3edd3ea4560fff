import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { SMTPServer } from "smtp-server";
import { openMailFolder } from "./system-mail-folder.ts";
import { openSmtp } from "./system-smtp.ts";

const FROM = "Orrery <hello@orrery.test>";
const AT = Date.UTC(2026, 4, 1);

describe("openMailFolder", () => {
  it("keeps each letter in a file that only this user reads", async () => {
    const folder = mkdtempSync(join(tmpdir(), "orrery-mail-"));
    try {
      const mailer = openMailFolder({ folder, from: FROM, clock: { now: () => AT }, random: createSeededRandom(1) });
      await mailer.send({ to: "ann@a.test", subject: "Grüße", text: "Your code is 123.\nBye" });
      await mailer.send({ to: "ann@a.test", subject: "Again", text: "" });
      const files = readdirSync(folder);
      assert.equal(files.length, 2);
      const letters = files.map((name) => readFileSync(join(folder, name), "utf8"));
      const first = letters.find((one) => one.includes("=?UTF-8?")) ?? "";
      assert.match(first, /^From: Orrery <hello@orrery\.test>\r\nTo: ann@a\.test\r\n/);
      assert.match(first, /\r\n\r\nYour code is 123\.\r?\nBye/);
      for (const name of files) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("openSmtp", () => {
  it("sends by a server, one letter to one address, and says why it could not", async () => {
    const got: string[] = [];
    const server = new SMTPServer({
      disabledCommands: ["AUTH", "STARTTLS"],
      onRcptTo: ({ address }, _, done) => done(address === "no@a.test" ? new Error("mailbox is full") : null),
      onData: (stream, session, done) =>
        void text(stream).then((letter) => {
          got.push(`${session.envelope.rcptTo.map(({ address }) => address).join()}: ${letter.split("\r\n\r\n")[1]}`);
          done();
        }),
    });
    await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
    try {
      const { port } = server.server.address() as AddressInfo;
      await using mailer = await openSmtp({ url: `smtp://127.0.0.1:${port}`, from: FROM });
      await mailer.send({ to: "ann@a.test", subject: "Hi", text: "Hello" });
      assert.deepEqual(got, ["ann@a.test: Hello\r\n"]);
      await assert.rejects(mailer.send({ to: "no@a.test", subject: "Hi", text: "Hello" }), /mailbox is full/);
    } finally {
      await new Promise<void>((closed) => server.close(closed));
    }
  });

  it("refuses addresses that are several, or bring headers along, and other URLs", async () => {
    await using mailer = await openSmtp({ url: "smtp://127.0.0.1:1", from: FROM });
    for (const to of [
      "ann@a.test, bob@b.test",
      "ann@a.test\r\nBcc: bob@b.test",
      "ann",
      "",
      `${"a".repeat(260)}@a.test`,
    ])
      await assert.rejects(
        mailer.send({ to, subject: "Hi", text: "" }),
        (error) => isOrreryError(error) && error.code === "invalid_argument" && /it is no address/.test(error.message),
      );
    await assert.rejects(openSmtp({ url: "http://a.test", from: FROM }), /write smtp:\/\/HOST:PORT/);
  });
});
