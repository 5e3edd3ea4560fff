import { type Clock, type Component, isOrreryError, type Log } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import { type AnyHandler, isStream, wrapHandlers } from "../services/wrap-handlers.ts";
import type { Audit } from "./audit.ts";
import { AUDITED, type AuditedWhen } from "./audited.ts";
import { AUDIT_TEXT_MAX } from "./limits.ts";

/** Options of `auditComponent`. */
export interface AuditComponentOptions {
  readonly audit: Pick<Audit, "append">;
  /** Knows operators, and whose a Space is. */
  readonly registry: Pick<Registry, "get" | "whoami">;
  readonly clock: Pick<Clock, "now">;
  /** Is told what could not be written down. */
  readonly log: Log;
  /** Told that too. Default: nobody. */
  readonly onFailed?: (error: unknown) => void;
  /** As whom the registry is asked, an operator. Default: `operator`. */
  readonly agent?: string;
}

type Request = Readonly<Record<string, unknown>>;
type Handler = (request: Request, context: { readonly agent: string }) => unknown;

/**
 * Has what a component is asked written down, where it is an act of administration: when it has ended, and before its answer. An act that was done and cannot be
 * written down is told to the log, and answered: it cannot be taken back.
 */
export function auditComponent(component: Component, options: AuditComponentOptions): Component {
  const service = component.service as { readonly typeName?: string };
  if (service.typeName === undefined) return component; // Of schemas: what kinds of resources take messages by.
  const known = AUDITED[service.typeName] ?? {};
  return wrapHandlers(component, (handler, method) => {
    const when = known[method] ?? "always"; // One that was forgotten is written down rather than not.
    const act = `${service.typeName}.${method[0]?.toUpperCase()}${method.slice(1)}`;
    return when === "never" ? handler : (audited(handler as Handler, { act, when }, options) as AnyHandler);
  });
}

interface Act {
  readonly act: string;
  readonly when: AuditedWhen;
}

function audited(handler: Handler, act: Act, options: AuditComponentOptions): Handler {
  return (request, context) => {
    const before = isActOf(act, { request, agent: context.agent }, options).catch(() => true); // What it is about may be gone after.
    const note = async (outcome: string) => {
      if (await before) await write({ act: act.act, request, agent: context.agent, outcome }, options);
    };
    const answer = attempt(() => handler(request, context));
    if (isStream(answer)) return through(answer, note);
    return answer.then(
      async (value) => {
        await note("done");
        return value;
      },
      async (error: unknown) => {
        await note(outcomeOf(error));
        throw error;
      },
    );
  };
}

/** What a handler gives; one that throws at once rejects. */
function attempt(work: () => unknown): AsyncIterable<unknown> | Promise<unknown> {
  try {
    const answer = work();
    return isStream(answer) ? answer : Promise.resolve(answer);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** A stream is one act, which ends when nobody gets anything of it any more. */
async function* through(stream: AsyncIterable<unknown>, note: (outcome: string) => Promise<void>) {
  let outcome = "canceled"; // Where whoever asked left.
  try {
    for await (const item of stream) yield item;
    outcome = "done";
  } catch (error) {
    outcome = outcomeOf(error);
    throw error;
  } finally {
    await note(outcome);
  }
}

async function isActOf(
  { when }: Act,
  { request, agent }: { readonly request: Request; readonly agent: string },
  { registry, agent: operator = "operator" }: AuditComponentOptions,
): Promise<boolean> {
  if (when !== "abroad") return when === "always";
  if (!(await registry.whoami({ agent })).isOperator) return false;
  const about = String(request["address"] ?? request["space"] ?? request["target"] ?? "");
  const space = about.split(":", 1)[0] ?? "";
  if (space === about) return true;
  const found = await registry.get(space, { agent: operator }).catch(() => undefined);
  return found?.owner !== agent;
}

async function write(
  { act, request, agent, outcome }: { act: string; request: Request; agent: string; outcome: string },
  { audit, clock, log, onFailed }: AuditComponentOptions,
): Promise<void> {
  const target = targetOf(request).slice(0, AUDIT_TEXT_MAX);
  try {
    await audit.append({ at: clock.now(), actor: agent.slice(0, AUDIT_TEXT_MAX), act, target, outcome });
  } catch (error) {
    log.error("an act of administration could not be written down", { act, actor: agent, error: String(error) });
    onFailed?.(error);
  }
}

/** Fields that say what a request is about, in the order in which they are told. None of them ever has a secret. */
const ABOUT = [
  "address",
  "target",
  "space",
  "user",
  "invoice",
  "email",
  "name",
  "topic",
  "group",
  "table",
  "key",
  "path",
  "plan",
  "tag",
];

function targetOf(request: Request): string {
  const said = ABOUT.flatMap((field) => {
    const value = request[field];
    return typeof value === "string" && value !== "" ? [value] : [];
  });
  return [...new Set(said)].join(" ");
}

function outcomeOf(error: unknown): string {
  return isOrreryError(error) ? error.code : "internal";
}
