// Runs a registry of images with one image until its input ends: node registry-server.ts FOLDER REPOSITORY TAG; prints a line of JSON with its host and the digest.
import { once } from "node:events";
import { packFolder } from "../image/pack-folder.ts";
import { startRegistry } from "./start-registry.ts";

const [folder = "", repository = "", tag = ""] = process.argv.slice(2);
const registry = await startRegistry();
try {
  const { archive, digest } = await packFolder(folder);
  await registry.push(archive, repository, tag);
  process.stdout.write(`${JSON.stringify({ host: registry.host, digest })}\n`);
  process.stdin.resume();
  await once(process.stdin, "close");
} finally {
  await registry.stop();
}
