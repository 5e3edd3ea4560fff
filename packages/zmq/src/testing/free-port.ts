import { createServer } from "node:net";

// Below the ports that the system gives to connections (from 32,768 on Linux), in a stretch for each process.
const FIRST = 20_000 + (process.pid % 60) * 200;
const STRETCH = 200;
let next = 0;

/** Finds a port of this machine that nobody listens at, for what must know its address before it listens. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < STRETCH; tries++) {
    const port = FIRST + (next++ % STRETCH);
    if (await isFree(port)) return port;
  }
  throw new Error(`Cannot find a free port: ${STRETCH} from ${FIRST} are taken, end what holds them`);
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}
