import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { isOrreryError } from "@orrery/core";
import { BENCH_REQUEST_BYTES_MAX } from "../limits.ts";
import type { BenchAnswers } from "./bench-client.ts";

/** What does what a bench is asked for, by the last part of the path. */
export type BenchHandlers = {
  readonly [K in keyof BenchAnswers]: (wish: Readonly<Record<string, unknown>>) => Promise<BenchAnswers[K]>;
};

/** Takes what commands ask of a bench, on the loopback, of whoever has its secret. */
export interface BenchDoor {
  readonly url: string;
  close(): Promise<void>;
}

/** Opens the door of a bench. */
export async function openBenchDoor(handlers: BenchHandlers, secret: string): Promise<BenchDoor> {
  const server = createServer((request, response) => {
    void answer(request, { handlers, secret }).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const ended = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await ended;
    },
  };
}

async function answer(
  request: IncomingMessage,
  { handlers, secret }: { readonly handlers: BenchHandlers; readonly secret: string },
): Promise<{ readonly status: number; readonly body: object }> {
  const what = (request.url ?? "").slice(1);
  if (!isSame(request.headers.authorization ?? "", `Bearer ${secret}`))
    return { status: 401, body: { code: "unauthenticated", message: "Cannot ask the bench: the secret is another" } };
  if (!Object.hasOwn(handlers, what) || request.method !== "POST")
    return {
      status: 404,
      body: { code: "not_found", message: `Cannot ask the bench for "${what}": it knows no such thing` },
    };
  try {
    const wish = JSON.parse(await readBody(request)) as Record<string, unknown>;
    return { status: 200, body: { value: await handlers[what as keyof BenchAnswers](wish) } };
  } catch (error) {
    const code = isOrreryError(error) ? error.code : "internal";
    return { status: 400, body: { code, message: (error as Error).message } };
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) {
    text += String(piece);
    if (text.length > BENCH_REQUEST_BYTES_MAX)
      throw new Error(`a request has ${BENCH_REQUEST_BYTES_MAX} bytes at most`);
  }
  return text === "" ? "{}" : text;
}

/** Takes as long however much of it is right. */
function isSame(said: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(said), digest(wanted));
}
