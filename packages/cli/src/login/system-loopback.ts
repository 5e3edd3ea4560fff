import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandError } from "../command-error.ts";

/** Where a browser comes back to after a login: a port of this machine alone (RFC 8252, section 7.3). */
export interface Loopback extends Disposable {
  /** Such as `http://127.0.0.1:40001/`. */
  readonly address: string;
  /** The address with which the browser came back, once. */
  readonly cameBack: Promise<string>;
  /** Says in the browser how the login went. */
  tell(text: string): void;
}

/** Opens one at a port that the system chooses, or at the one that is said. @throws CommandError where that is taken */
export async function openLoopback(port = 0): Promise<Loopback> {
  const back = Promise.withResolvers<string>();
  const told = Promise.withResolvers<string>();
  let address = "";
  const server = createServer(({ url = "/", method }, response) => {
    response.setHeader("content-type", "text/plain; charset=utf-8");
    response.setHeader("cache-control", "no-store");
    response.setHeader("connection", "close");
    const isAnswer = method === "GET" && /^\/\?/.test(url);
    if (!isAnswer) return void response.writeHead(404).end("Nothing is here\n"); // Such as the picture of a tab.
    back.resolve(new URL(url, address).href);
    void told.promise.then((text) => response.end(`${text}\n`));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: Error) =>
      reject(new CommandError(`Cannot wait for the browser at port ${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    address,
    cameBack: back.promise,
    tell: (text) => told.resolve(text),
    [Symbol.dispose]: () => {
      told.resolve("The login was given up");
      server.close();
    },
  };
}
