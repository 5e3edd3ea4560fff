import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../lib/free-port.ts";
import { firstLine, type OpenedPlatform, openPlatform } from "../lib/open-platform.ts";
import { FILES } from "./files.ts";

const HOST = "bench.test";

/** A server that has the files. */
export interface WebSubject {
  readonly name: string;
  /** Ends in a slash; the names of files stand behind it. */
  readonly url: string;
  /** The process that does the work. */
  readonly pid: number;
}

/** Servers that run, each in a process of its own. */
export interface WebSubjects {
  readonly subjects: readonly WebSubject[];
  /** The `Host` that they are asked with. */
  readonly host: string;
  close(): Promise<void>;
}

/** Starts all of them over files in a folder of their own. */
export async function openSubjects(folder: string): Promise<WebSubjects> {
  const files = join(folder, "files");
  mkdirSync(files, { recursive: true });
  for (const { name, bytes } of FILES) writeFileSync(join(files, name), bytes);
  const children: ChildProcess[] = [];
  const start = (program: string, words: readonly string[]) => {
    const child = spawn(program, words, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    return child;
  };
  const orrery = await openOrrery(folder);
  const bareChild = start(process.execPath, [join(import.meta.dirname, "bare.ts"), "files"]);
  const bare = await firstLine(bareChild);
  const barePid = bareChild.pid ?? 0;
  const nginx = await openNginx(folder, start);
  return {
    subjects: [
      { name: "orrery up", url: `${orrery.web}/`, pid: orrery.pid },
      { name: "Hono, from memory", url: `${bare["memory"]}/`, pid: barePid },
      { name: "Hono, serveStatic", url: `${bare["disk"]}/`, pid: barePid },
      { name: "nginx", url: `${nginx.web}/`, pid: nginx.pid },
    ],
    host: HOST,
    close: async () => {
      await orrery[Symbol.asyncDispose]();
      for (const child of children) child.kill("SIGTERM");
      await Promise.all(children.map((child) => child.exitCode ?? once(child, "close")));
    },
  };
}

type Start = (program: string, words: readonly string[]) => ChildProcess;

/** The platform with the files in a file system that everybody may read. */
async function openOrrery(folder: string): Promise<OpenedPlatform> {
  const platform = await openPlatform(folder);
  const { type } = platform;
  writeFileSync(join(folder, "bind.yaml"), "routes: [{ path: '/{rest*}', files: '.:files:/{rest}' }]\n");
  await type("exec", `create ${HOST}<Space>; create ${HOST}:files<FileSystem>; create ${HOST}:cfg<FileSystem>`);
  for (const { name } of FILES) await type("cp", `files/${name}`, `${HOST}:files:/${name}`);
  await type("cp", "bind.yaml", `${HOST}:cfg:/bind.yaml`);
  await type("set", HOST, `--set=bind=${HOST}:cfg:/bind.yaml`);
  await type("auth", "grant", "read", "on", `${HOST}:files:**`, "to", "anyone");
  return platform;
}

/** One worker, as the others have one thread; it sends files by the kernel. */
async function openNginx(folder: string, start: Start): Promise<Pick<OpenedPlatform, "web" | "pid">> {
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr crit;
${process.getuid?.() === 0 ? "user root;" : ""}
events { worker_connections 512; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  open_file_cache max=100;
${temporary.map((name) => `  ${name}_temp_path ${folder}/nginx-${name};`).join("\n")}
  server { listen 127.0.0.1:${port}; root ${folder}/files; }
}
`,
  );
  const child = start("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")]);
  const web = `http://127.0.0.1:${port}`;
  for (;;) {
    const isUp = await fetch(web).then(
      () => true,
      () => false,
    );
    if (isUp) return { web, pid: child.pid ?? 0 };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
