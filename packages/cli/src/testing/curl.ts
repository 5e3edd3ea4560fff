import { execFile } from "node:child_process";

/** What curl got. */
export interface Curled {
  readonly status: number;
  /** What stands behind the status. */
  readonly reason: string;
  readonly headers: Headers;
  /** Each byte a letter. */
  readonly body: string;
}

/** Runs curl on an address, for a host. */
export function curl(url: string, host: string, more: readonly string[] = []): Promise<Curled> {
  const args = ["-s", "-i", "--path-as-is", "--max-time", "60", "-H", `Host: ${host}`, ...more, url];
  return new Promise((resolve, reject) => {
    execFile("curl", args, { encoding: "latin1", maxBuffer: 64 * 1024 * 1024 }, (error, out) => {
      const [, status, reason = "", fields = "", body = ""] =
        /^HTTP\/1\.1 (\d{3}) ?([^\r\n]*)\r\n(.*?)\r\n\r\n(.*)$/s.exec(out) ?? [];
      if (status === undefined) return reject(error ?? new Error(out));
      const headers = new Headers();
      for (const field of fields.split("\r\n")) {
        const at = field.indexOf(":");
        headers.append(field.slice(0, at), field.slice(at + 1));
      }
      resolve({ status: Number(status), reason, headers, body });
    });
  });
}
