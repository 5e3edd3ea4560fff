import { get } from "node:http";
import { connect } from "node:net";
import { PROBE_MS } from "../limits.ts";

/** Asks for a path by HTTP; whether the answer is 200. What it says beside that is not read. */
export async function answersWell(
  { host, port }: { readonly host: string; readonly port: number },
  path: string,
): Promise<boolean> {
  return await new Promise((resolve) => {
    const request = get(
      { host, port, path, timeout: PROBE_MS, agent: false, headers: { connection: "close" } },
      (reply) => {
        reply.destroy();
        resolve(reply.statusCode === 200);
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
    request.on("close", () => resolve(false));
  });
}

/** Whether somebody listens there. */
export async function accepts({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(PROBE_MS, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
