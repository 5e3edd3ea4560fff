import { type Address, parseAddress, printAddress } from "@orrery/registry/service";
import type { Target } from "./bind.ts";
import { REDIRECT_STATUSES, TARGETS } from "./bind-shape.ts";
import type { SaidRoute } from "./said-bind.ts";
import { namesIn, parseTemplate } from "./template.ts";

/** What a route's target is, or where and why it is none. */
export type ReadTarget = { readonly target: Target } | { readonly field: string; readonly why: string };

/** Reads where a route leads. `base` is what relative addresses start from. */
export function readTarget(said: SaidRoute, base: Address | undefined): ReadTarget {
  const named = TARGETS.filter((name) => said[name] !== undefined);
  const [first, second] = named;
  if (second !== undefined) return { field: second, why: `is a second target beside ${first}: leave one of them out` };
  switch (first) {
    case "files":
      return readFiles(said.files ?? "", base);
    case "service": {
      const [component = "", method = ""] = said.service?.split("/") ?? [];
      const place = /^\{(\w+)\}$/.exec(method)?.[1];
      return { target: { kind: "service", component, method: place === undefined ? method : { in: place } } };
    }
    case "mechtron":
      return readMechtron(said.mechtron ?? "", base);
    case "upstream":
      return readUpstream(said.upstream ?? "");
    case "redirect":
      return readRedirect(said);
    default:
      return { field: "path", why: `leads nowhere: write one of ${TARGETS.join(", ")}` };
  }
}

/** The names that a target has places for. */
export function namesInTarget(target: Target): readonly string[] {
  switch (target.kind) {
    case "files":
    case "upstream":
      return namesIn(target.path);
    case "redirect":
      return namesIn(target.to);
    case "service":
      return typeof target.method === "string" ? [] : [target.method.in];
    case "mechtron":
      return [];
  }
}

function readMechtron(text: string, base: Address | undefined): ReadTarget {
  try {
    const address = parseAddress(text, base === undefined ? {} : { base });
    const why = whyNoMechtron(address, base);
    return why === undefined
      ? { target: { kind: "mechtron", address: printAddress(address) } }
      : { field: "mechtron", why };
  } catch (error) {
    return { field: "mechtron", why: whyNoAddress(error) };
  }
}

/** Whoever may write a bind has something to say about his own space alone. */
function whyNoMechtron({ authority, segments, path }: Address, base: Address | undefined): string | undefined {
  if (path !== undefined) return "has a path: leave it out, the mechtron is handed that of the request";
  const isOther = authority !== undefined || (base !== undefined && segments[0]?.text !== base.segments[0]?.text);
  return isOther ? "is of another space: name one of this" : undefined;
}

function whyNoAddress(error: unknown): string {
  const [line = ""] = (error as Error).message.split("\n");
  return `is no address: ${line.replace(/^Cannot parse address "[^"]*": /, "")}`;
}

function readFiles(text: string, base: Address | undefined): ReadTarget {
  try {
    const { path = "/", ...address } = parseAddress(text, base === undefined ? {} : { base });
    if (address.authority !== undefined) return { field: "files", why: "is of another network: name one of this" };
    return { target: { kind: "files", address, path: parseTemplate(path) } };
  } catch (error) {
    return { field: "files", why: whyNoAddress(error) };
  }
}

function readUpstream(text: string): ReadTarget {
  const [, origin = "", path = ""] = /^(https?:\/\/[^/?#{}]+)(.*)$/i.exec(text) ?? [];
  const refuse = (why: string): ReadTarget => ({ field: "upstream", why });
  if (origin === "" || !URL.canParse(origin))
    return refuse(`is "${text}": write http:// or https:// and a host, as in http://127.0.0.1:9000/{rest}`);
  const url = new URL(origin);
  if (url.username !== "" || url.password !== "") return refuse("has a password: leave what stands before @ out");
  if (path.includes("#")) return refuse('has a "#", which no server is sent: leave it out');
  if (/^\?/.test(path)) return refuse('has a query right behind its host: write "/" before the "?"');
  return { target: { kind: "upstream", origin: url.origin, path: parseTemplate(path === "" ? "/" : path) } };
}

function readRedirect({ redirect = "" }: SaidRoute): ReadTarget {
  const { to, status = 308 } = typeof redirect === "string" ? { to: redirect } : redirect;
  if (!(REDIRECT_STATUSES as readonly number[]).includes(status))
    return { field: "redirect", why: `has status ${status}: write one of ${REDIRECT_STATUSES.join(", ")}` };
  const isPath = /^\/(?!\/)/.test(to);
  const isUrl = /^https?:\/\/[^/?#{}]+([/?#]|$)/i.test(to);
  if (isPath || isUrl) return { target: { kind: "redirect", to: parseTemplate(to), status } };
  return { field: "redirect", why: `leads to "${to}": write a path from "/", or http:// or https:// and a host` };
}
