import { createServer } from "node:net";

/** Finds a port of 127.0.0.1 that is free now: for servers that cannot say which one they took. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("Cannot find a free port: none was given");
  return address.port;
}
