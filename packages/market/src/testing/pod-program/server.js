// The program in the pods of tests: answers by HTTP, TCP and UDP, and does harm when it is asked to.
const { createServer } = require("node:http");
const { connect, createServer: createTcp } = require("node:net");
const { createSocket } = require("node:dgram");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");

console.log("began");
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
  "/fill": (of) => {
    fs.appendFileSync(of.get("file"), Buffer.alloc(Number(of.get("mib")) * 1024 ** 2, 1));
    return "filled";
  },
  "/list": (of) => JSON.stringify(fs.readdirSync(of.get("folder"))),
  "/say": (of) => {
    console.log(of.get("text"));
    return "said";
  },
  "/run": (of) => JSON.stringify(spawnSync("/bin/sh", ["-c", of.get("script")], { encoding: "utf8", timeout: 3_000 })),
  "/eat": () => {
    setInterval(() => held.push(Buffer.alloc(4_000_000, 1)), 2);
    return "eats";
  },
  "/connect": async (of) => await connectTo({ host: of.get("host"), port: Number(of.get("port")) }),
  "/wait": async (of) => await new Promise((resolve) => setTimeout(() => resolve("waited"), Number(of.get("ms")))),
  "/crash": () => process.exit(3),
  "/unwell": () => {
    acts["/"] = () => undefined;
    return "unwell from now on";
  },
};

/** What is written there at once, or why nobody is reached. */
function connectTo(place) {
  return new Promise((resolve) => {
    const socket = connect({ ...place, timeout: 700 });
    const end = (text) => {
      socket.destroy();
      resolve(text);
    };
    socket.on("timeout", () => end("closed: timeout"));
    socket.on("error", ({ code }) => end(`closed: ${code}`));
    socket.on("connect", () => socket.on("data", (bytes) => end(String(bytes))));
  });
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://pod");
  try {
    const text = await acts[pathname]?.(searchParams);
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
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
