import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import { createRedactor } from "@orrery/mesh/internal";
import type { Image, ImageConfig } from "../../image/image.ts";
import { readArchive } from "../../image/image-of.ts";
import type { PodContainer } from "../../pod/pod.ts";
import type { Bind } from "../backend/container-backend.ts";
import type { WantedPod } from "../pod-runtime.ts";
import type { PodVolumes } from "../volumes/pod-volumes.ts";
import { mountPointIn, placeInRoot } from "./place-in-root.ts";
import type { PodFolders } from "./pod-folders.ts";
import { HOST_PATH, type HostBase, USUAL_PATH } from "./system-host-base.ts";
import { unpackImage } from "./unpack-image.ts";

/** Options of `preparePodFiles`. */
export interface PodFilesOptions {
  readonly folders: PodFolders;
  /** What the pod's are among, already. */
  readonly volumes: PodVolumes;
  readonly base: HostBase;
  readonly nameServers: readonly string[];
  /** Whether containers have all users of a pod, or one alone. */
  readonly users: "all" | "one";
}

/** What the containers of a pod are made of, ready to be started. */
export interface PodFiles {
  readonly hostUser: number | undefined;
  /** By the container's name. */
  readonly containers: ReadonlyMap<string, ContainerFiles>;
  /** Takes its secrets out of a text. */
  redact(text: string): string;
  /** Takes its secrets away, and the images that none of `others` has. */
  remove(others: readonly PodFiles[]): void;
}

/** What one container is made of. */
export interface ContainerFiles {
  readonly lower: string;
  readonly command: readonly string[];
  readonly workingDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly binds: readonly Bind[];
}

/**
 * Unpacks the images of a pod in memory, those that are not there yet, and writes its secrets there.
 * @throws OrreryError `invalid_argument` for what a container cannot be made of, `data_loss` for a broken image
 */
export async function preparePodFiles(
  wanted: WantedPod,
  generation: number,
  options: PodFilesOptions,
): Promise<PodFiles> {
  const { folders, users } = options;
  const hostUser = folders.userOf(wanted.name);
  const memory = folders.memory(wanted.name);
  const files = join(memory, `files-${generation}`);
  mkdirSync(join(files, "secrets"), { recursive: true, mode: 0o700 });
  const containers = new Map<string, ContainerFiles>();
  for (const [name, value] of Object.entries(wanted.secrets)) {
    const file = join(files, "secrets", name);
    writeFileSync(file, value, { mode: 0o444 }); // Whoever is in the container; nobody else passes the folder.
    if (hostUser !== undefined) chownSync(file, hostUser, hostUser);
  }
  const network = networkFiles(files, wanted.name, options.nameServers);
  const lowers = new Set<string>();
  for (const container of wanted.pod.containers) {
    const found = await imageFor(wanted, container.name, { memory, ownerOf: ownerOf(hostUser, users) });
    lowers.add(found.lower);
    const own = await bindsOf(container, { ...found, ...options, wanted, files, network });
    containers.set(container.name, { ...(await startOf(container, found)), lower: found.lower, binds: own });
  }
  const remove = (others: readonly PodFiles[]) => {
    rmSync(files, { recursive: true, force: true });
    const kept = new Set(others.flatMap((other) => [...other.containers.values()].map(({ lower }) => lower)));
    for (const lower of lowers)
      if (!kept.has(lower)) for (const part of ["", ".json"]) rmSync(lower + part, { recursive: true, force: true });
  };
  const redact = createRedactor(Object.values(wanted.secrets).map((value) => Buffer.from(value).toString("utf8")));
  return { hostUser, containers, redact, remove };
}

function ownerOf(hostUser: number | undefined, users: "all" | "one") {
  return (uid: number, gid: number): readonly [number, number] | undefined => {
    if (hostUser === undefined) return undefined;
    return users === "one" ? [hostUser, hostUser] : [hostUser + (uid & 65_535), hostUser + (gid & 65_535)];
  };
}

interface FoundImage {
  readonly lower: string;
  readonly config: ImageConfig;
}

/** The image of a container, unpacked: of the pod alone, so that nobody is shown what another has the key of. */
async function imageFor(
  { images, name }: WantedPod,
  container: string,
  { memory, ownerOf: owner }: { readonly memory: string; readonly ownerOf: ReturnType<typeof ownerOf> },
): Promise<FoundImage> {
  const wanted = images[container];
  if (wanted === undefined)
    throw new OrreryError(
      "invalid_argument",
      `Cannot run pod "${name}": container "${container}" has no image, name one`,
    );
  const lower = join(memory, `image-${wanted.digest.replace("sha256:", "")}`);
  if (existsSync(`${lower}.json`))
    return { lower, config: JSON.parse(readFileSync(`${lower}.json`, "utf8")) as ImageConfig };
  const image: Image = readArchive(await wanted.read(), wanted.digest);
  rmSync(lower, { recursive: true, force: true });
  await unpackImage(image, { into: lower, ownerOf: owner });
  writeFileSync(`${lower}.json`, JSON.stringify(image.config), { mode: 0o600 });
  return { lower, config: image.config };
}

interface NetworkFiles {
  readonly binds: readonly { readonly from: string; readonly to: string }[];
}

function networkFiles(files: string, name: string, nameServers: readonly string[]): NetworkFiles {
  const texts: Readonly<Record<string, string>> = {
    hosts: `127.0.0.1\tlocalhost ${name}\n::1\tlocalhost\n`,
    hostname: `${name}\n`,
    "resolv.conf": nameServers.map((one) => `nameserver ${one}\n`).join(""),
  };
  const binds = Object.entries(texts).map(([file, text]) => {
    const from = join(files, file);
    writeFileSync(from, text);
    chmodSync(from, 0o644);
    return { from, to: `/etc/${file}` };
  });
  return { binds };
}

interface BindsOptions extends FoundImage, PodFilesOptions {
  readonly wanted: WantedPod;
  readonly files: string;
  readonly network: NetworkFiles;
}

async function bindsOf(container: PodContainer, options: BindsOptions): Promise<readonly Bind[]> {
  const { lower, config, base, volumes, wanted, files, network } = options;
  const binds: Bind[] = [];
  for (const folder of ["/proc", "/dev", "/run", "/etc"]) await mountPointIn(lower, folder, "folder");
  chmodSync(join(lower, await mountPointIn(lower, "/tmp", "folder")), 0o1777);
  if (config.base === "host") binds.push(...(await putOnHost(lower, base)));
  for (const { from, to } of network.binds)
    binds.push({ from, to: await mountPointIn(lower, to, "file"), isReadOnly: true });
  for (const [to, from] of Object.entries(wanted.sockets ?? {}))
    binds.push({ from, to: await mountPointIn(lower, to, "file"), isReadOnly: true });
  for (const { kind, name, path, isReadOnly } of container.mounts) {
    if (config.base === "host" && base.binds.some(({ to }) => path === to || path.startsWith(`${to}/`)))
      throw new OrreryError(
        "invalid_argument",
        `Cannot mount ${kind} "${name}" at "${path}": the machine's own system is there, choose another path`,
      );
    if (kind === "secret") {
      if (wanted.secrets[name] === undefined)
        throw new OrreryError(
          "invalid_argument",
          `Cannot run pod "${wanted.name}": secret "${name}" is missing, hand it over`,
        );
      binds.push({ from: join(files, "secrets", name), to: await mountPointIn(lower, path, "file"), isReadOnly: true });
    } else
      binds.push({
        ...volumes.place(wanted.name, name),
        to: await mountPointIn(lower, path, "folder"),
        isReadOnly,
      });
  }
  return binds.sort((a, b) => (a.to < b.to ? -1 : 1)); // What lies in another comes after it.
}

/** Lays an image on the machine's own system: what is bound there, and what links to it. */
async function putOnHost(lower: string, { binds, links, files }: HostBase): Promise<readonly Bind[]> {
  for (const [path, target] of Object.entries(links)) {
    const { whole } = await placeInRoot(lower, path);
    if (lstatSync(whole, { throwIfNoEntry: false }) === undefined) symlinkSync(target, whole);
  }
  for (const [path, text] of Object.entries(files)) {
    const { whole } = await placeInRoot(lower, path);
    if (lstatSync(whole, { throwIfNoEntry: false }) === undefined) writeFileSync(whole, text, { mode: 0o644 });
  }
  const placed: Bind[] = [];
  for (const bind of binds) {
    const kind = lstatSync(bind.from).isDirectory() ? "folder" : "file";
    placed.push({ ...bind, to: await mountPointIn(lower, bind.to, kind) });
  }
  return placed;
}

async function startOf(container: PodContainer, { lower, config }: FoundImage) {
  const command = container.command ?? config.command;
  if (command.length === 0)
    throw new OrreryError(
      "invalid_argument",
      `Cannot start container "${container.name}": neither the pod nor its image says a command, write one`,
    );
  const workingDir = container.workingDir ?? config.workingDir;
  if (workingDir !== "/") await mountPointIn(lower, workingDir, "folder");
  const path = config.base === "host" ? HOST_PATH : USUAL_PATH;
  const env = { PATH: path, HOME: config.base === "host" ? "/tmp" : "/root", ...config.env, ...container.env };
  return { command, workingDir, env, user: await userOf(lower, config.user) };
}

/** Numbers of a user of an image, who may be named there. */
async function userOf(lower: string, said: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const [user = "", group = ""] = said.split(":");
  if (user === "") return { uid: 0, gid: 0 };
  const isNumber = /^\d{1,5}$/;
  const found = (await linesOf(lower, "/etc/passwd")).find((fields) => fields[isNumber.test(user) ? 2 : 0] === user);
  const foundGroup = (await linesOf(lower, "/etc/group")).find((fields) => fields[0] === group);
  const uid = isNumber.test(user) ? Number(user) : Number(found?.[2] ?? Number.NaN);
  const named = isNumber.test(group) ? Number(group) : Number(foundGroup?.[2] ?? Number.NaN);
  const gid = group === "" ? Number(found?.[3] ?? uid) : named;
  if (Number.isInteger(uid) && Number.isInteger(gid) && uid < 65_536 && gid < 65_536) return { uid, gid };
  throw new OrreryError("invalid_argument", `Cannot start as "${said}": the image has no such user, write its number`);
}

/** Fields of the lines of a file of an image; none where there is no such file. */
async function linesOf(lower: string, path: string): Promise<readonly (readonly string[])[]> {
  const { whole } = await placeInRoot(lower, path);
  if (lstatSync(whole, { throwIfNoEntry: false })?.isFile() !== true) return [];
  return readFileSync(whole, "utf8")
    .split("\n")
    .map((line) => line.split(":"));
}
