import type { GuestContext } from "./guest-context.ts";
import { errorOfFailure } from "./guest-error.ts";
import type { GuestResource, GuestResources } from "./guest-resources.ts";
import { HOST_SERVICE, RESOURCES_SERVICE } from "./names.ts";
import type { ScriptBody, ScriptHost, ScriptReplyHead, ScriptRequestHead } from "./script.ts";

/** Makes the context of one message. */
export function openContext(head: ScriptRequestHead, host: ScriptHost): GuestContext {
  let nowMs = head.nowMs ?? 0;
  const call = async <T>(service: string, method: string, request?: unknown): Promise<T> => {
    const [contentType, body] = bodyOf(request);
    const answer = await host.call(JSON.stringify({ service, method, contentType }), body);
    const said: ScriptReplyHead = JSON.parse(answer.head);
    nowMs = said.nowMs ?? nowMs;
    if (said.failure !== undefined) throw errorOfFailure(said.failure);
    if (typeof answer.body !== "string") return new Uint8Array(answer.body) as T;
    return (answer.body === "" ? undefined : JSON.parse(answer.body)) as T;
  };
  return {
    agent: head.agent ?? "",
    budgetMs: head.budgetMs ?? 0,
    log: {
      debug: (text) => host.log(0, text),
      info: (text) => host.log(1, text),
      warn: (text) => host.log(2, text),
      error: (text) => host.log(3, text),
    },
    resources: openResources(call),
    now: () => nowMs,
    call,
    config: () => call(HOST_SERVICE, "config"),
    artifact: (path) => call(HOST_SERVICE, "artifact", { path }),
    sleep: (delayMs) => call(HOST_SERVICE, "sleep", { ms: delayMs }),
    randomBytes: (count) => call(HOST_SERVICE, "random", { count }),
  };
}

function openResources(call: <T>(service: string, method: string, request?: unknown) => Promise<T>): GuestResources {
  const ask = <T>(method: string, request: unknown) => call<T>(RESOURCES_SERVICE, method, request);
  return {
    get: (address) => ask<GuestResource>("get", { address }),
    list: (selector) => ask<readonly GuestResource[]>("list", { selector }),
    create: (resource) => ask<GuestResource>("create", resource),
    set: (address, properties) => ask<GuestResource>("set", { address, properties }),
    delete: (address) => ask<void>("delete", { address }),
    watch: (selector, options = {}) => ask<void>("watch", { selector, ...options }),
    unwatch: (selector) => ask<void>("unwatch", { selector }),
  };
}

function bodyOf(request: unknown): [contentType: string, body: ScriptBody] {
  if (request instanceof Uint8Array) return ["application/octet-stream", request.slice().buffer as ArrayBuffer];
  return ["application/json", request === undefined ? "" : JSON.stringify(request)];
}
