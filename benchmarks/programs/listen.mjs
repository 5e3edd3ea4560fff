// A process that does nothing but open a port and say so: the least that a component process does.
import { createServer } from "node:net";

const server = createServer();
server.listen(0, "127.0.0.1", () => process.stdout.write(`ready ${server.address().port}\n`));
