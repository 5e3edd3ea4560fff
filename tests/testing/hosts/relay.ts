// A process on a host: passes connections on to another, each byte later by some ms each way. The kernel here has no netem.
import { connect, createServer, type Socket } from "node:net";

const [port = "", toHost = "", toPort = "", delay = ""] = process.argv.slice(2);
const delayMs = Number(delay);
/** Bytes on their way in one direction, beyond which the sender waits. */
const ON_THE_WAY_MAX = 4 * 1024 * 1024;

createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ host: toHost, port: Number(toPort), allowHalfOpen: true });
  carry(near, far);
  carry(far, near);
}).listen(Number(port), () => process.stdout.write(`${JSON.stringify({ port })}\n`));

function carry(from: Socket, to: Socket): void {
  let onTheWay = 0;
  from.setNoDelay(true);
  from.on("data", (bytes: Buffer) => {
    onTheWay += bytes.length;
    if (onTheWay > ON_THE_WAY_MAX) from.pause();
    setTimeout(() => {
      onTheWay -= bytes.length;
      if (!to.destroyed) to.write(bytes);
      from.resume();
    }, delayMs);
  });
  from.on("end", () => setTimeout(() => to.end(), delayMs));
  from.on("error", () => undefined);
  from.on("close", () => setTimeout(() => to.destroy(), delayMs));
}
