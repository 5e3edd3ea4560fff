import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { blocksOf, type ReadmePlatform, startReadmePlatform } from "@orrery/tests/readme-platform";
import type { Page } from "playwright-core";
import { readPart } from "./multipart.ts";
import { pictureType } from "./picture-type.ts";

const HERE = import.meta.dirname;
const README = readFileSync(join(HERE, "README.md"), "utf8");
const [START = "", MAKE = ""] = blocksOf(README, "sh");
const [PRINTED = ""] = blocksOf(README, "text");
const ANN = readFileSync(join(HERE, "ann.png"));
/** A blank page is far smaller. */
const SCREENSHOT_BYTES_MIN = 12_000;
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

let platform: ReadmePlatform;
before(async () => {
  platform = await startReadmePlatform({ cwd: HERE, start: START, host: "profile.test" });
});
after(() => platform?.close());

interface Answered {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly etag: string | undefined;
  readonly body: Buffer;
}

function ask(path: string, headers: object = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asking = request(`${platform.web}${path}`, { headers: { host: "profile.test", ...headers } }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => {
        const { "content-type": type, etag } = response.headers;
        resolve({ status: response.statusCode, type, etag, body: Buffer.concat(pieces) });
      });
    });
    asking.on("error", reject).end();
  });
}

/** Opens a page, which must not complain. */
async function open(path: string, viewport: typeof DESK, colorScheme: "light" | "dark" = "light") {
  const page = await platform.browser.newPage({ viewport, colorScheme });
  const complaints: string[] = [];
  page.on("console", (message) => void complaints.push(message.text()));
  page.on("pageerror", (error) => void complaints.push(String(error)));
  await page.goto(`http://profile.test${path}`, { waitUntil: "networkidle" });
  return { page, complaints };
}

async function seen(page: Page, name: string) {
  const png = await page.screenshot();
  writeFileSync(join(platform.folder, `${name}.png`), png);
  assert.ok(png.length > SCREENSHOT_BYTES_MIN, `${name}: ${png.length} bytes`);
  return await page.evaluate(() => {
    const image = document.querySelector("img.face");
    return {
      heading: document.querySelector("h1")?.textContent,
      pictureWidth: image instanceof HTMLImageElement ? image.naturalWidth : 0,
      told: document.querySelector("#told")?.textContent,
      isWide: document.documentElement.scrollWidth > innerWidth,
    };
  });
}

const HINT = "PNG, JPEG, GIF or WebP, up to 900 kB";

test("the lines of the README make the app and print what it says", async () => {
  const printed = await platform.run(MAKE);
  assert.ok(printed.endsWith(PRINTED), printed);
});

test("a picture comes back with its bytes and its type, and not again to who has it", async () => {
  const { status, type, etag = "", body } = await ask("/profile/ann/pic");
  assert.deepEqual([status, type], [200, "image/png"]);
  assert.ok(body.equals(ANN));
  assert.equal((await ask("/profile/ann/pic", { "if-none-match": etag })).status, 304);
});

test("who has no picture has a page, names that are none have not, and what is too large is refused", async () => {
  assert.equal((await ask("/profile/bob/pic")).status, 404);
  const { status, type } = await ask("/profile/bob");
  assert.deepEqual([status, type], [200, "text/html; charset=utf-8"]);
  for (const name of ["Ann", "a%20b", "-", "x".repeat(41)]) assert.equal((await ask(`/profile/${name}`)).status, 404);
  const large = await platform.run(
    `head --bytes=1000000 /dev/zero | curl --silent --output /dev/null --write-out '%{http_code}' --header 'Host: profile.test' --form pic=@- http://127.0.0.1:7780/profile/ann/pic`,
  );
  assert.equal(large, "413");
});

for (const [name, viewport] of [
  ["desk", DESK],
  ["phone", PHONE],
] as const)
  test(`the page shows the picture on a ${name}, light and dark, without a complaint`, async () => {
    for (const scheme of ["light", "dark"] as const) {
      const { page, complaints } = await open("/profile/ann", viewport, scheme);
      const ann = { heading: "Ann", pictureWidth: 360, told: HINT, isWide: false };
      assert.deepEqual(await seen(page, `ann-${name}-${scheme}`), ann);
      assert.deepEqual(complaints, []);
      await page.close();
    }
    const { page, complaints } = await open("/profile/bob", viewport);
    const bob = { heading: "Bob", pictureWidth: 0, told: HINT, isWide: false };
    assert.deepEqual(await seen(page, `bob-${name}`), bob);
    assert.deepEqual(complaints, []);
    await page.close();
  });

test("a picture that is chosen on the page is shown, and what is none or too large is told", async () => {
  const { page } = await open("/", PHONE);
  await page.click("text=Bob");
  await page.setInputFiles("#pic", { name: "bob.png", mimeType: "image/png", buffer: ANN });
  await page.waitForSelector("img.face");
  await page.waitForFunction(() => document.querySelector("img")?.complete === true);
  assert.equal(new URL(page.url()).pathname, "/profile/bob");
  assert.equal((await seen(page, "bob-after")).pictureWidth, 360);
  assert.ok((await ask("/profile/bob/pic")).body.equals(ANN));
  await page.setInputFiles("#pic", { name: "b.png", mimeType: "image/png", buffer: Buffer.alloc(900_001) });
  assert.match((await seen(page, "bob-large")).told ?? "", /has 901 kB, choose one of up to 900 kB/);
  await page.setInputFiles("#pic", { name: "b.png", mimeType: "image/png", buffer: Buffer.from("words") });
  await page.waitForSelector("text=Cannot show bob so: this is no picture");
  assert.equal((await seen(page, "bob-trouble")).pictureWidth, 360);
  await page.close();
});

test("pictures outlive the platform's process", async () => {
  await platform.restart();
  for (const lastMs = performance.now() + 60_000; (await ask("/profile/ann")).status !== 200; await setImmediate())
    assert.ok(performance.now() < lastMs);
  assert.ok((await ask("/profile/ann/pic")).body.equals(ANN));
  assert.ok((await ask("/profile/bob/pic")).body.equals(ANN));
});

test("readPart finds the part of a name among others, with every byte, and nothing in what is cut off", () => {
  const bytes = [0, 13, 10, 45, 45, 255, 13, 10, 13, 10];
  const text = [
    '--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhi\r\n',
    `--b\r\ncontent-disposition: form-data; filename="x.png"; name="pic"\r\nContent-Type: image/png\r\n\r\n${String.fromCharCode(...bytes)}\r\n`,
    "--b--\r\n",
  ].join("");
  const body = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  for (const contentType of ["multipart/form-data; boundary=b", 'Multipart/Form-Data; charset=x; boundary="b"']) {
    assert.deepEqual([...(readPart({ contentType, body }, "pic") ?? [])], bytes);
    assert.equal(readPart({ contentType, body }, "name"), undefined);
    for (let end = 0; end < body.length - 9; end++)
      assert.equal(readPart({ contentType, body: body.subarray(0, end) }, "pic"), undefined, String(end));
  }
  for (const contentType of ["multipart/form-data", "multipart/form-data; boundary=c", "text/plain; boundary=b"])
    assert.equal(readPart({ contentType, body }, "pic"), undefined);
});

test("pictureType looks at bytes alone", () => {
  const type = (...bytes: readonly (number | string)[]) =>
    pictureType(Buffer.concat(bytes.map((one) => Buffer.from(typeof one === "string" ? one : [one]))));
  assert.equal(pictureType(ANN), "image/png");
  assert.equal(type(0xff, 0xd8, 0xff, 0xe0), "image/jpeg");
  assert.equal(type("GIF89a"), "image/gif");
  assert.equal(type("RIFF", 1, 2, 3, 4, "WEBPVP8 "), "image/webp");
  for (const other of [[], ["RIFF", 1, 2, 3, 4, "WAVE"], ["<svg>"], [0xff, 0xd8], [0x89, "PNG"]])
    assert.equal(type(...other), undefined);
});
