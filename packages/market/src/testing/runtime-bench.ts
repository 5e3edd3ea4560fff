import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { connect } from "node:net";
import { basename, join } from "node:path";
import type { PackedImage } from "../image/make-archive.ts";
import { parsePod } from "../pod/parse-pod.ts";
import type { PodLine, PodRuntime, WantedLines, WantedPod } from "../runtime/pod-runtime.ts";

/** What tests do with a runtime. */
export interface RuntimeBench {
  readonly data: string;
  readonly runtime: PodRuntime;
  readonly image: PackedImage;
}

/** Folder of the program of tests. */
export const POD_PROGRAM = join(import.meta.dirname, "pod-program");

/** A pod of the tests' program. */
export function podOf(
  { image }: Pick<RuntimeBench, "image">,
  { name, head = "", more = "", secrets = {} }: PodText,
): WantedPod {
  const ports = "    ports: [{ port: 8080, host: pod.test }, { port: 7000 }, { port: 7001, protocol: udp }]\n";
  const text = `name: ${name}\n${head}containers:\n  web:\n    image: ./web\n${ports}${more}`;
  const pod = parsePod(text, { file: "pod.yaml" });
  const images = Object.fromEntries(
    pod.containers.map((container) => [container.name, { digest: image.digest, read: async () => image.archive }]),
  );
  return { name, pod, images, secrets };
}

interface PodText {
  readonly name: string;
  /** Of the pod, before its containers. */
  readonly head?: string;
  /** Of its container `web`, and what follows. */
  readonly more?: string;
  readonly secrets?: WantedPod["secrets"];
}

/** Asks the first well copy of a pod. */
export async function ask(runtime: PodRuntime, name: string, path: string, copy = 0): Promise<string> {
  const at = runtime.look(name)?.ports[0]?.at[copy];
  assert.ok(at !== undefined, `pod "${name}" has no copy ${copy} that is well`);
  const reply = await fetch(`http://${at.host}:${at.port}${path}`, { headers: { connection: "close" } });
  return await reply.text();
}

/** Lines that are kept. */
export async function linesOf(
  runtime: PodRuntime,
  name: string,
  wanted: Omit<WantedLines, "signal"> = {},
): Promise<readonly PodLine[]> {
  const lines: PodLine[] = [];
  for await (const line of runtime.lines(name, { ...wanted, signal: new AbortController().signal })) lines.push(line);
  return lines;
}

/** Waits for something to come true, looking often. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, waitMs = 15_000): Promise<void> {
  for (const endMs = performance.now() + waitMs; performance.now() < endMs; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`${what} did not come true`);
}

/** Where a port of a pod's first well copy is. */
export function placeOf(runtime: PodRuntime, name: string, protocol: "http" | "tcp" | "udp") {
  const at = runtime.look(name)?.ports.find((one) => one.protocol === protocol)?.at[0];
  assert.ok(at !== undefined, `pod "${name}" has no ${protocol} port at a copy that is well`);
  return at;
}

/** What comes back over TCP. */
export async function echoOverTcp(at: { readonly host: string; readonly port: number }, text: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(at, () => socket.write(text));
    socket.once("data", (bytes) => {
      socket.destroy();
      resolve(String(bytes));
    });
    socket.once("error", reject);
  });
}

/** What comes back over UDP. */
export async function echoOverUdp(at: { readonly host: string; readonly port: number }, text: string): Promise<string> {
  const socket = createSocket("udp4");
  const again = setInterval(() => socket.send(text, at.port, at.host), 200);
  try {
    return await new Promise((resolve, reject) => {
      socket.once("message", (bytes) => resolve(String(bytes)));
      socket.once("error", reject);
      socket.send(text, at.port, at.host);
    });
  } finally {
    clearInterval(again);
    socket.close();
  }
}

/** Files below a folder that hold a text. Other tests make and take away what is theirs meanwhile: what is gone holds nothing. */
export function filesWith(folder: string, text: string): readonly string[] {
  return unlessGone(() => readdirSync(folder, { withFileTypes: true }), []).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesWith(path, text);
    return entry.isFile() && unlessGone(() => readFileSync(path), Buffer.alloc(0)).includes(text) ? [path] : [];
  });
}

/** What the kernel says of what ends while it is read. */
const GONE: ReadonlySet<string> = new Set(["ENOENT", "ENODEV", "ENXIO"]);

function unlessGone<T>(read: () => T, gone: T): T {
  try {
    return read();
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? "")) return gone;
    throw error;
  }
}

/** Where a runtime holds images and secrets. */
export function memoryOf(data: string): string {
  return `/dev/shm/orrery-pods-${idOf(data)}`;
}

function idOf(data: string): string {
  return createHash("sha256").update(realpathSync(data)).digest("hex").slice(0, 8);
}

/** Control groups whose names have an id. */
function groupsNamed(id: string, folder = "/sys/fs/cgroup", depth = 7): readonly string[] {
  if (depth === 0) return [];
  return unlessGone(() => readdirSync(folder, { withFileTypes: true }), [])
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .flatMap((path) => [...(basename(path).includes(id) ? [path] : []), ...groupsNamed(id, path, depth - 1)]);
}

/** Files that devices of the machine show as disks. */
function loopFiles(): readonly string[] {
  return unlessGone(() => readdirSync("/sys/block"), [])
    .filter((name) => name.startsWith("loop"))
    .map((name) => unlessGone(() => readFileSync(`/sys/block/${name}/loop/backing_file`, "utf8"), ""));
}

/** What of a runtime is on the machine, beside its data. */
export function tracesOf(data: string): readonly string[] {
  const id = idOf(data);
  const said = (command: string, ...args: string[]) => {
    const lines = execFileSync(command, args, { encoding: "utf8" }).split("\n");
    return lines.filter((line) => line.includes(id)).map((line) => `${command}: ${line}`);
  };
  const isRoot = process.getuid?.() === 0;
  return [
    ...loopFiles().filter((file) => file.startsWith(realpathSync(data))),
    ...(isRoot ? [...said("ip", "netns", "list"), ...said("nft", "list", "tables")] : []),
    ...said("ps", "-eo", "args"),
    ...said("cat", "/proc/self/mounts"),
    ...[memoryOf(data), `/run/orrery-pods-${id}-runc`].filter((path) => existsSync(path)),
    ...groupsNamed(id),
  ];
}
