// The same handler on the HTTP library that the web server is made with, bare. Prints its address as a line of JSON.
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();
app.post("/greeter/greet", async (context) => {
  const { name } = (await context.req.json()) as { name: string };
  return context.json({ text: `Hello, ${name}!` });
});
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) =>
  process.stdout.write(`${JSON.stringify({ web: `http://127.0.0.1:${port}` })}\n`),
);
