import { createHmac } from "node:crypto";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { AlertMessage } from "./alerts.ts";
import { ALERT_TIMEOUT_MS } from "./limits.ts";

/** The header fields by which a sink knows what is ours, as standardwebhooks.com has them. */
export function alertHeaders({ id, at, body, secret }: Omit<AlertMessage, "url">): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1_000));
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}

/** Posts an alert to its sink; rejects with why where that did not take it. Redirects are not followed. */
export function postAlert(message: AlertMessage): Promise<void> {
  const { url, body } = message;
  const ask = url.startsWith("https:") ? requestHttps : requestHttp;
  const headers = {
    ...alertHeaders(message),
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const asking = ask(url, { method: "POST", headers, timeout: ALERT_TIMEOUT_MS, agent: false }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new Error(`it answered ${statusCode}`));
    });
    asking.on("timeout", () => asking.destroy(new Error(`no answer within ${ALERT_TIMEOUT_MS / 1_000} s`)));
    asking.on("error", reject);
    asking.end(body);
  });
}
