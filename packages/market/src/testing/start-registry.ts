import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as ask, createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageOf } from "../image/image-of.ts";
import { tarEntries } from "../image/tar-entries.ts";

/** A registry of images that runs. */
export interface StartedRegistry {
  /** With its port. */
  readonly host: string;
  /** Puts an archive there, under a tag. */
  push(archive: Uint8Array, repository: string, tag: string): Promise<void>;
  /** Puts bytes there as a manifest. */
  pushManifest(bytes: Uint8Array, mediaType: string, place: { repository: string; reference: string }): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a real registry, Debian's docker-registry, over a folder of its own on a free port of the loopback. */
export async function startRegistry(): Promise<StartedRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-registry-"));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const config = join(folder, "config.yml");
  writeFileSync(
    config,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${folder}/store } }\nhttp: { addr: "${host}" }\n`,
  );
  const child: ChildProcess = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  for (let tries = 0; tries < 500; tries += 1) {
    if (
      await fetch(`http://${host}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const pushManifest: StartedRegistry["pushManifest"] = async (bytes, mediaType, { repository, reference }) => {
    const headers = { "content-type": mediaType };
    await put(`http://${host}/v2/${repository}/manifests/${reference}`, bytes, headers);
  };
  return {
    host,
    pushManifest,
    push: async (archive, repository, tag) => {
      const { digest } = imageOf(archive);
      let manifest = new Uint8Array();
      for (const { path, content } of tarEntries(archive)) {
        const [, name] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path) ?? [];
        if (name === undefined) continue;
        if (`sha256:${name}` === digest) manifest = Uint8Array.from(content);
        else await pushBlob(host, { repository, digest: `sha256:${name}`, content });
      }
      await pushManifest(manifest, "application/vnd.oci.image.manifest.v1+json", { repository, reference: tag });
    },
    stop: async () => {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Blob {
  readonly repository: string;
  readonly digest: string;
  readonly content: Uint8Array;
}

async function pushBlob(host: string, { repository, digest, content }: Blob): Promise<void> {
  const begun = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const place = new URL(begun.headers.get("location") ?? "", `http://${host}`);
  place.searchParams.set("digest", digest);
  await put(String(place), content, { "content-type": "application/octet-stream" });
}

async function put(url: string, content: Uint8Array, headers: Record<string, string>): Promise<void> {
  const reply = await fetch(url, { method: "PUT", body: Buffer.from(content), headers });
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${await reply.text()}`);
}

/** What stands before a registry. */
export interface RegistryFront {
  readonly host: string;
  /** What came with a request, a line each. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/** Options of `startFront`. */
export interface FrontOptions {
  /** Who gets a token; without, everybody is let through. */
  readonly login?: string;
  /** Changes what is passed on, by its path. */
  readonly change?: (path: string, body: Buffer) => Buffer;
}

/** Stands before a registry: wants a token for all, as public registries do, gives one to those who log in, and may pass on something else. */
export async function startFront(
  registry: StartedRegistry,
  { login, change = (_path, body) => body }: FrontOptions,
): Promise<RegistryFront> {
  const asked: string[] = [];
  const server: Server = createServer(async (request, response) => {
    const { url = "", headers } = request;
    const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    asked.push(`${url} ${headers.authorization ?? ""}`.trim());
    if (url.startsWith("/token")) {
      const isKnown = headers.authorization === `Basic ${Buffer.from(login ?? "").toString("base64")}`;
      return void response.writeHead(isKnown ? 200 : 401).end(JSON.stringify({ token: "t0ken" }));
    }
    if (login !== undefined && headers.authorization !== "Bearer t0ken") {
      const challenge = `Bearer realm="${here}/token",service="test registry"`;
      return void response.writeHead(401, { "www-authenticate": challenge }).end();
    }
    ask(`http://${registry.host}${url}`, { headers: { accept: headers.accept } }, async (reply) => {
      const pieces: Buffer[] = [];
      for await (const piece of reply) pieces.push(piece as Buffer);
      const { "content-length": _length, ...rest } = reply.headers;
      response.writeHead(reply.statusCode ?? 500, rest).end(change(url, Buffer.concat(pieces)));
    }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createTcp().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
