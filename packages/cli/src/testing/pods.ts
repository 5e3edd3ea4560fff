/** A program for pods of tests: answers HTTP by what is asked, and TCP and UDP with what it is told. */
export const PROGRAM = `
const { createServer } = require("node:http");
const { readFileSync, writeFileSync } = require("node:fs");
const { createServer: createTcp } = require("node:net");
const { createSocket } = require("node:dgram");
let status = 200;
createServer(async (request, response) => {
  const [, what, rest = ""] = request.url.split("/");
  console.log(request.method, request.url);
  try {
    if (what === "crash") process.exit(3);
    if (what === "eat") { const held = []; for (;;) held.push(Buffer.alloc(16 * 1024 * 1024, 1)); }
    if (what === "file" && request.method === "PUT") {
      let text = "";
      for await (const piece of request) text += piece;
      writeFileSync("/data/" + rest, text);
    }
    if (what === "file") return response.end(readFileSync("/data/" + rest, "utf8"));
    if (what === "secret") return response.end(readFileSync("/run/token", "utf8"));
    if (what === "status") status = Number(rest);
    if (what === "") response.statusCode = status;
    if (what === "env") return response.end(JSON.stringify(process.env));
    response.end(process.env.GREETING ?? "hello");
  } catch (error) {
    response.statusCode = 500;
    response.end(error.message);
  }
}).listen(8080, () => console.log("up"));
createTcp((socket) => socket.on("error", () => {}).pipe(socket)).listen(9000);
const udp = createSocket("udp4").on("message", (data, { port, address }) => udp.send(data, port, address));
udp.bind(9001);
`;
