import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer as createHttpServer, request } from "node:http";
import { createServer, connect as dial } from "node:net";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { createSystemClock } from "@orrery/core";
import type { Account } from "../lease/terms.ts";
import { parsePod } from "../pod/parse-pod.ts";
import type { ReachedPort } from "../runtime/pod-runtime.ts";
import { openPodDoor } from "./system-pod-door.ts";

const PUBLISHER: Account = `0x${"ab".repeat(20)}`;
const texts: Record<string, readonly string[]> = { "_orrery.shop.example": [`wallet=${PUBLISHER}`] };
const door = await openPodDoor({
  gateway: { host: "127.0.0.1", port: 0 },
  ports: { host: "127.0.0.1", from: 0, to: 0 },
  hosts: { free: ["test"] },
  lookup: async (name) => {
    if (name.includes("silent")) throw new Error("SERVFAIL");
    return texts[name] ?? [];
  },
  clock: createSystemClock(),
});
after(() => door.close());

function podOf(ports: string) {
  return parsePod(`name: one\ncontainers:\n  web:\n    image: ./web\n    ports: [${ports}]\n`, { file: "pod.yaml" });
}

function reached(port: number, protocol: ReachedPort["protocol"], at: readonly number[]): ReachedPort {
  return { container: "web", port, protocol, at: at.map((one) => ({ host: "127.0.0.1", port: one })) };
}

/** A copy of a pod that says its name, and what it was asked. */
async function startCopy(name: string): Promise<number> {
  const server = createHttpServer((asked, answer) => {
    void text(asked).then((body) => {
      const { "x-forwarded-for": from, "x-forwarded-host": host } = asked.headers;
      answer.end(`${name} ${asked.method} ${asked.url} ${host} ${from} ${body}`);
    });
  });
  server.on("upgrade", (_asked, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  return (server.address() as { port: number }).port;
}

async function ask(host: string, options: { readonly body?: string; readonly headers?: Record<string, string> } = {}) {
  const { port } = new URL(door.gatewayUrl);
  const asked = request({ port, path: "/a?b=1", method: options.body === undefined ? "GET" : "POST", agent: false });
  asked.setHeader("host", host);
  for (const [name, value] of Object.entries(options.headers ?? {})) asked.setHeader(name, value);
  asked.end(options.body);
  const [answer] = await once(asked, "response");
  return { status: answer.statusCode as number, body: await text(answer), headers: answer.headers };
}

test("openPodDoor leads requests by host to copies that are well, in turn, and counts them", async () => {
  const [a, b] = [await startCopy("a"), await startCopy("b")];
  let at: readonly number[] = [a, b];
  const pod = podOf("{ port: 80, host: hello.test }");
  const [address] = await door.open("one", { pod, reach: () => [reached(80, "http", at)] });
  assert.equal(address?.address, `http://hello.test:${new URL(door.gatewayUrl).port}`);
  const said = [await ask("hello.test"), await ask("HELLO.test.:80", { body: "moon" })].map(({ body }) => body);
  assert.deepEqual(said, ["a GET /a?b=1 hello.test 127.0.0.1 ", "b POST /a?b=1 HELLO.test.:80 127.0.0.1 moon"]);
  const { body } = await ask("hello.test", { headers: { "x-forwarded-for": "6.6.6.6", "x-forwarded-host": "bank" } });
  assert.equal(body, "a GET /a?b=1 hello.test 127.0.0.1 ");
  const { egressBytes, ingressBytes } = door.counted("one");
  assert.ok(egressBytes > 100 && ingressBytes > 100, `${egressBytes} ${ingressBytes}`);
  at = [1, b]; // The first takes no connections.
  for (let n = 0; n < 4; n++) assert.equal((await ask("hello.test")).body[0], "b");
  at = [];
  const { status, headers } = await ask("hello.test");
  assert.deepEqual([status, headers["retry-after"]], [503, "1"]);
  await door.shut("one");
  assert.deepEqual((await ask("hello.test")).body, "Cannot answer: no pod here has host hello.test\n");
});

test("openPodDoor joins connections of WebSockets", async () => {
  const port = await startCopy("a");
  await door.open("ws", { pod: podOf("{ port: 80, host: ws.test }"), reach: () => [reached(80, "http", [port])] });
  const asked = request({
    port: new URL(door.gatewayUrl).port,
    headers: { host: "ws.test", upgrade: "websocket", connection: "upgrade" },
  });
  asked.end();
  const [, socket] = await once(asked, "upgrade");
  socket.write("moon");
  const [bytes] = await once(socket, "data");
  assert.equal(String(bytes), "moon");
  socket.destroy();
  await door.shut("ws");
});

test("openPodDoor answers 502 where a copy ends its answer, and says a request once", async () => {
  let times = 0;
  const server = createServer((socket) => {
    times += 1;
    socket.once("data", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  const { port } = server.address() as { port: number };
  await door.open("bad", {
    pod: podOf("{ port: 80, host: bad.test }"),
    reach: () => [reached(80, "http", [port, port])],
  });
  assert.deepEqual([(await ask("bad.test")).status, times], [502, 1]);
  await door.shut("bad");
});

test("openPodDoor opens ports of TCP and UDP, which keep their addresses", async () => {
  const tcp = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  tcp.listen(0, "127.0.0.1");
  const udp = createSocket("udp4", (bytes, { port, address }) => udp.send(`echo ${bytes}`, port, address));
  udp.bind(0, "127.0.0.1");
  await Promise.all([once(tcp, "listening"), once(udp, "listening")]);
  after(() => void [tcp.close(), udp.close()]);
  const pod = podOf("{ port: 7 }, { port: 9, protocol: udp }");
  const reach = () => [
    reached(7, "tcp", [(tcp.address() as { port: number }).port]),
    reached(9, "udp", [udp.address().port]),
  ];
  const addresses = await door.open("two", { pod, reach });
  const [tcpPort, udpPort] = addresses.map(({ address }) => Number(address.split(":").at(-1)));
  const client = dial(tcpPort ?? 0, "127.0.0.1");
  client.end("moon");
  assert.equal(await text(client), "moon");
  const sender = createSocket("udp4");
  sender.send("sun", udpPort ?? 0, "127.0.0.1");
  const [answer] = await once(sender, "message");
  assert.equal(String(answer), "echo sun");
  sender.close();
  assert.ok(door.counted("two").egressBytes >= 12);
  assert.deepEqual(await door.open("two", { pod, reach }), addresses);
  await door.shut("two");
  assert.deepEqual(await door.open("two", { pod, reach, before: addresses }), addresses);
  const fewer = await door.open("two", { pod: podOf("{ port: 7 }"), reach });
  assert.deepEqual(fewer, addresses.slice(0, 1));
  await door.shut("two");
});

test("openPodDoor gives a host to one pod, and where it is not free, to whom DNS gives it", async () => {
  const pod = podOf("{ port: 80, host: own.test }");
  await door.open("first", { pod, reach: () => [] });
  await assert.rejects(door.open("second", { pod, reach: () => [] }), /"own.test": host taken by another pod/);
  await assert.rejects(door.assertClaimable(["own.test"], PUBLISHER), { code: "already_exists" });
  await door.assertClaimable(["own.test"], PUBLISHER, "first");
  await door.assertClaimable(["free.test", "shop.example"], PUBLISHER);
  const other: Account = `0x${"cd".repeat(20)}`;
  await assert.rejects(
    door.assertClaimable(["shop.example"], other),
    /add the record _orrery.shop.example TXT "wallet=0xcdcd/,
  );
  await assert.rejects(door.assertClaimable(["silent.example"], PUBLISHER), { code: "unavailable" });
  await door.shut("first");
  await door.open("second", { pod, reach: () => [] });
  await door.shut("second");
});
