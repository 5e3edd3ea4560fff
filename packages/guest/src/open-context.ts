import type { GuestContext } from "./guest-context.ts";
import { errorOfFailure, GuestError } from "./guest-error.ts";
import type { GuestResource, GuestResources } from "./guest-resources.ts";
import type { GuestState } from "./guest-state.ts";
import { HOST_SERVICE, RESOURCES_SERVICE, STATE_SERVICE } from "./names.ts";
import type { ScriptBody, ScriptHost, ScriptReplyHead, ScriptRequestHead } from "./script.ts";

/** Makes the context of one message. */
export function openContext(head: ScriptRequestHead, host: ScriptHost): GuestContext {
  let nowMs = head.nowMs ?? 0;
  const ask = async <T>(asked: ScriptRequestHead, request?: unknown): Promise<T> => {
    const [contentType, body] = bodyOf(request);
    const answer = await host.call(JSON.stringify({ ...asked, contentType: asked.contentType ?? contentType }), body);
    const said: ScriptReplyHead = JSON.parse(answer.head);
    nowMs = said.nowMs ?? nowMs;
    if (said.failure !== undefined) throw errorOfFailure(said.failure);
    if (typeof answer.body !== "string") return new Uint8Array(answer.body) as T;
    return (answer.body === "" ? undefined : JSON.parse(answer.body)) as T;
  };
  const call = <T>(service: string, method: string, request?: unknown) => ask<T>({ service, method }, request);
  return {
    agent: head.agent ?? "",
    budgetMs: head.budgetMs ?? 0,
    log: {
      debug: (text) => host.log(0, text),
      info: (text) => host.log(1, text),
      warn: (text) => host.log(2, text),
      error: (text) => host.log(3, text),
    },
    resources: openResources(ask),
    state: openState(ask),
    now: () => nowMs,
    call,
    config: () => call(HOST_SERVICE, "config"),
    artifact: (path) => call(HOST_SERVICE, "artifact", { path }),
    sleep: (delayMs) => call(HOST_SERVICE, "sleep", { ms: delayMs }),
    randomBytes: (count) => call(HOST_SERVICE, "random", { count }),
  };
}

type Ask = <T>(asked: ScriptRequestHead, request?: unknown) => Promise<T>;

function openResources(send: Ask): GuestResources {
  const ask = <T>(method: string, request: unknown) => send<T>({ service: RESOURCES_SERVICE, method }, request);
  return {
    get: (address) => ask<GuestResource>("get", { address }),
    list: (selector) => ask<readonly GuestResource[]>("list", { selector }),
    create: (resource) => ask<GuestResource>("create", resource),
    set: (address, properties) => ask<GuestResource>("set", { address, properties }),
    delete: (address) => ask<void>("delete", { address }),
    read: (address) => ask<Uint8Array>("read", { address }),
    write: (address, content, { contentType = "" } = {}) => {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      return send<GuestResource>({ service: RESOURCES_SERVICE, method: "write", path: address, contentType }, bytes);
    },
    watch: (selector, options = {}) => ask<void>("watch", { selector, ...options }),
    unwatch: (selector) => ask<void>("unwatch", { selector }),
  };
}

function openState(ask: Ask): GuestState {
  const asked = (method: string, path: string) => ({ service: STATE_SERVICE, method, path });
  return {
    get: (key) =>
      ask<never>(asked("get", key)).catch((thrown: unknown) => {
        if (thrown instanceof GuestError && thrown.code === "not_found") return undefined;
        throw thrown;
      }),
    async set(key, value) {
      if (value === undefined) throw new GuestError("invalid_argument", `Cannot set "${key}": undefined is no value`);
      await ask(asked("set", key), value);
    },
    delete: (key) => ask<void>(asked("delete", key)),
    keys: (prefix = "", options = {}) => ask<readonly string[]>(asked("keys", prefix), options),
  };
}

function bodyOf(request: unknown): [contentType: string, body: ScriptBody] {
  if (request instanceof Uint8Array) return ["application/octet-stream", request.slice().buffer as ArrayBuffer];
  return ["application/json", request === undefined ? "" : JSON.stringify(request)];
}
