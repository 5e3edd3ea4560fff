import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import type { Bind } from "../backend/container-backend.ts";

/** What of the machine an image lies on that does not bring a system of its own. */
export interface HostBase {
  /** Shown as they are, read-only. */
  readonly binds: readonly Bind[];
  /** Links of the root by their whole paths, such as `/bin` to `usr/bin`. */
  readonly links: Readonly<Record<string, string>>;
  /** Files that are written where the image has none, by their whole paths. */
  readonly files: Readonly<Record<string, string>>;
}

/** Where this process's own Node is found, first of all on the path. */
const NODE = "/opt/orrery/bin/node";
/** Path of programs on the machine's own system. */
export const HOST_PATH = "/opt/orrery/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Path of programs where an image says none. */
export const USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const SHOWN = [
  "/etc/alternatives",
  "/etc/ca-certificates",
  "/etc/ld.so.cache",
  "/etc/localtime",
  "/etc/mime.types",
  "/etc/protocols",
  "/etc/services",
  "/etc/ssl/certs",
];

/** Finds the machine's programs and libraries, its certificates, and this process's Node. */
export function hostBase(): HostBase {
  const rooted = readdirSync("/").filter((name) => /^(bin|sbin|lib\w*)$/.test(name));
  const links = rooted.filter((name) => lstatSync(`/${name}`).isSymbolicLink());
  const folders = rooted.filter((name) => !links.includes(name)).map((name) => `/${name}`);
  const shown = ["/usr", ...folders, ...SHOWN.filter((path) => existsSync(path))];
  return {
    binds: [
      ...shown.map((path) => ({ from: realpathSync(path), to: path, isReadOnly: true })),
      { from: realpathSync(process.execPath), to: NODE, isReadOnly: true },
    ],
    links: Object.fromEntries(links.map((name) => [`/${name}`, readlinkSync(`/${name}`)])),
    files: {
      "/etc/passwd": "root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
      "/etc/group": "root:x:0:\nnogroup:x:65534:\n",
      "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    },
  };
}
