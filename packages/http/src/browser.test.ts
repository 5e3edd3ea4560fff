import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { bundlePage, callInPage, openBrowser, servePage } from "./testing/browser.ts";
import { openLab } from "./testing/lab.ts";

const PAGE = `
import { createClient, ConnectError } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { LabService } from "./testdata/gen/door/test/v1/lab_pb.ts";

const transports = {
  connect: (baseUrl) => createConnectTransport({ baseUrl }),
  binary: (baseUrl) => createConnectTransport({ baseUrl, useBinaryFormat: true, useHttpGet: true }),
  grpcWeb: (baseUrl) => createGrpcWebTransport({ baseUrl }),
};

globalThis.callAll = async (baseUrl, name) => {
  const client = createClient(LabService, transports[name](baseUrl));
  const said = (await client.say({ text: "hé" })).text;
  const read = (await client.read({ text: "by GET" })).text;
  const mixed = String((await client.mix({ signed: 9007199254740993n })).signed);
  const values = [];
  for await (const { value } of client.count({ to: 3 })) values.push(value);
  const error = await client.fail({ how: "declared" }).catch((thrown) => ConnectError.from(thrown));
  return { said, read, mixed, values, code: error.code, message: error.rawMessage, details: error.details.length };
};

globalThis.callOnce = async (baseUrl) => {
  const client = createClient(LabService, transports.connect(baseUrl));
  return client.say({ text: "a" }).then(({ text }) => text, (thrown) => "refused: " + ConnectError.from(thrown).rawMessage);
};

globalThis.openStream = async (baseUrl) => {
  const client = createClient(LabService, transports.connect(baseUrl));
  for await (const { value } of client.count({ to: 1, hold: true })) return value;
};

globalThis.listen = (url) => new Promise((resolve) => {
  const events = new EventSource(url);
  const seen = [];
  events.onmessage = ({ data }) => seen.push(JSON.parse(data).value);
  events.addEventListener("end", () => { events.close(); resolve(seen); });
});
`;

let browser: Browser;
let page: Page;
let site: Awaited<ReturnType<typeof servePage>>;

before(async () => {
  site = await servePage(await bundlePage(PAGE, import.meta.dirname));
  browser = await openBrowser();
  page = await browser.newPage();
  await page.goto(site.origin);
});

after(async () => {
  await browser.close();
  await site[Symbol.asyncDispose]();
});

for (const transport of ["connect", "binary", "grpcWeb"]) {
  test(`createHttpDoor answers a page of an allowed site by ${transport}`, async () => {
    await using lab = await openLab({ cors: { origins: [site.origin] } });
    assert.deepEqual(await callInPage(page, "callAll", lab.url, transport), {
      said: "hé",
      read: "by GET",
      mixed: "9007199254740993",
      values: [1, 2, 3],
      code: 5,
      message: 'Cannot find place "Atlantis": no such name',
      details: 1,
    });
  });
}

test("createHttpDoor keeps out a page of a site that is not allowed", async () => {
  await using lab = await openLab({ cors: { origins: ["https://app.example"] } });
  assert.match(String(await callInPage(page, "callOnce", lab.url)), /^refused: Failed to fetch/);
  await using closed = await openLab();
  assert.match(String(await callInPage(page, "callOnce", closed.url)), /^refused: Failed to fetch/);
});

test("createHttpDoor ends the source of a stream whose page is closed", async () => {
  await using lab = await openLab({ cors: { origins: [site.origin] } });
  const another = await browser.newPage();
  await another.goto(site.origin);
  assert.equal(await callInPage(another, "openStream", lab.url), 1);
  assert.equal(lab.notes.ended, 0);
  await another.close();
  while (lab.notes.ended < 1) await lab.notes.changed();
  assert.equal(lab.notes.cancelled, 1);
});

test("createHttpDoor streams to the EventSource of a page", async () => {
  await using lab = await openLab({ cors: { origins: [site.origin] } });
  const query = `?message=${encodeURIComponent('{"to":3}')}`;
  for (const path of ["/door.test.v1.LabService/Tail", "/shop/watch"]) {
    assert.deepEqual(await callInPage(page, "listen", lab.url + path + query), [1, 2, 3], path);
  }
});
