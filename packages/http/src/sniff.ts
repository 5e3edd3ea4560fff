import type { Socket } from "node:net";

/** What a client that speaks HTTP/2 without asking sends first. https://www.rfc-editor.org/rfc/rfc9113#section-3.4 */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/**
 * Tells by its first bytes whether a connection speaks HTTP/2 by prior knowledge. Calls back once, with the connection paused and
 * nothing of it lost; never, when it closes before it has said enough.
 */
export function isHttp2(socket: Socket, tell: (yes: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const size = Math.min(seen.length, PREFACE.length);
    const yes = seen.subarray(0, size).equals(PREFACE.subarray(0, size));
    if (yes && size < PREFACE.length) return;
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.pause();
    socket.unshift(seen);
    tell(yes);
  };
  const onEnd = () => socket.destroy();
  socket.on("data", onData);
  socket.on("end", onEnd);
}
