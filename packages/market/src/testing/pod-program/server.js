// The program in the pods of tests: answers by HTTP, TCP and UDP, and does harm when it is asked to.
const { createServer } = require("node:http");
const { createServer: createTcp } = require("node:net");
const { createSocket } = require("node:dgram");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");

const held = [];
const acts = {
  "/": () => process.env.GREETING ?? "hello",
  "/env": () => JSON.stringify(process.env),
  "/id": () => JSON.stringify({ uid: process.getuid(), pid: process.pid, cwd: process.cwd() }),
  "/read": (of) => fs.readFileSync(of.get("file"), "utf8"),
  "/write": (of) => {
    fs.writeFileSync(of.get("file"), of.get("text"));
    return "written";
  },
  "/list": (of) => JSON.stringify(fs.readdirSync(of.get("folder"))),
  "/say": (of) => {
    console.log(of.get("text"));
    return "said";
  },
  "/run": (of) => JSON.stringify(spawnSync("/bin/sh", ["-c", of.get("script")], { encoding: "utf8", timeout: 3_000 })),
  "/eat": () => {
    for (;;) held.push(Buffer.alloc(4_000_000, 1));
  },
  "/crash": () => process.exit(3),
  "/unwell": () => {
    acts["/"] = () => undefined;
    return "unwell from now on";
  },
};

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://pod");
  try {
    const text = acts[pathname]?.(searchParams);
    response.writeHead(text === undefined ? 404 : 200);
    response.end(text);
  } catch (error) {
    response.writeHead(500);
    response.end(String(error.code));
  }
});
server.listen(Number(process.env.PORT ?? 8080));
createTcp((socket) => socket.pipe(socket)).listen(Number(process.env.PORT_7000 ?? 7000));
const datagrams = createSocket("udp4");
datagrams.on("message", (bytes, from) => datagrams.send(bytes, from.port, from.address));
datagrams.bind(Number(process.env.PORT_7001 ?? 7001));
console.log("began");
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
