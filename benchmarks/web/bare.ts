// The library that the web server is made with, bare: from memory, as whoever writes for speed does, and with its own middleware for files.
// Prints the two addresses as a line of JSON.
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { FILES } from "./files.ts";

const [folder = "."] = process.argv.slice(2);

const memory = new Hono();
for (const { name, bytes } of FILES)
  memory.get(`/${name}`, (context) =>
    context.body(bytes, 200, { "content-type": "application/octet-stream", "content-length": String(bytes.length) }),
  );
const disk = new Hono();
disk.use("/*", serveStatic({ root: folder }));

const listen = ({ fetch }: Hono) =>
  new Promise<string>((resolve) => {
    serve({ fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => resolve(`http://127.0.0.1:${port}`));
  });
process.stdout.write(`${JSON.stringify({ memory: await listen(memory), disk: await listen(disk) })}\n`);
