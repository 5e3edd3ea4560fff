// Puts blobs into a directory for as long as it lives, and prints the digest of each when it is there: node write-blobs.ts FOLDER SEED
import { createSystemClock } from "@orrery/core";
import { createDirectoryBlobs } from "../blobs/directory-blobs.ts";
import { bytesOf, put } from "../conformance/blob-case.ts";

const [folder = "", seed = ""] = process.argv.slice(2);
const store = createDirectoryBlobs({ folder, clock: createSystemClock() });
for (let count = 0; ; count++) {
  const { digest } = await put(store, bytesOf(Number(seed) * 1_000 + count * 70_001), `put-${seed}-${count}`);
  process.stdout.write(`${digest}\n`);
}
