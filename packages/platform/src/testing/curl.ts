import { execFile } from "node:child_process";

/** What curl got. */
export interface Curled {
  readonly status: number;
  /** The status line. */
  readonly line: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Runs curl on a path of a web server, as it is written, for a host. */
export function curl(url: string, host: string, more: readonly string[] = []): Promise<Curled> {
  const args = ["-s", "-i", "--path-as-is", "--max-time", "60", "-H", `Host: ${host}`, ...more, url];
  return new Promise((resolve, reject) => {
    execFile("curl", args, { encoding: "latin1", maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stdout === "") return reject(error ?? new Error(stderr));
      const text = stdout.replace(/^HTTP\/1\.1 100 [^\r\n]*\r\n\r\n/, "");
      const end = text.indexOf("\r\n\r\n");
      const [line = "", ...fields] = text.slice(0, end).split("\r\n");
      const headers = new Headers();
      for (const field of fields)
        headers.append(field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1));
      resolve({ status: Number(line.split(" ")[1]), line, headers, body: text.slice(end + 4) });
    });
  });
}
