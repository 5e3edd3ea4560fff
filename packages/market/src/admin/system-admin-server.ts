import type { Clock } from "@orrery/core";
import type { PageAnswer, PageTurn } from "../page/page-answer.ts";
import { PAGE_STYLE } from "../page/page-style.ts";
import { keepLive, loginByLink, scriptOf } from "../page/system-page-script.ts";
import { openPageServer, type PageServer } from "../page/system-page-server.ts";
import { adminBody, adminSections } from "./admin-page.ts";
import type { AdminAudit } from "./audit.ts";
import { ADMIN_BODY_BYTES_MAX } from "./limits.ts";
import type { AdminDesk } from "./overview.ts";
import { ownOfPod } from "./own-of-pod.ts";

/** Options of `openAdminServer`. */
export interface AdminServerOptions {
  /** What is looked at and done. */
  readonly desk: AdminDesk;
  /** Keeps what was done. */
  readonly audit: AdminAudit;
  /** Tells when acts were. */
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** Port of the loopback; 0 for any that is free. */
  readonly port: number;
}

const NAME = "Orrery provider";

/** Opens the admin page of a provider. */
export async function openAdminServer(options: AdminServerOptions): Promise<PageServer> {
  return await openPageServer({
    ...{ name: NAME, command: "orrery provider up", cookie: "orrery-admin" },
    ...{ style: PAGE_STYLE, script: scriptOf([loginByLink, keepLive]) },
    ...{ clock: options.clock, port: options.port, bodyBytesMax: ADMIN_BODY_BYTES_MAX },
    onLogin: (isIn) => note(options, "log in", isIn ? "done" : "refused"),
    answer: (turn) => answer(turn, options),
  });
}

async function answer(turn: PageTurn, options: AdminServerOptions): Promise<PageAnswer> {
  const { method, path, query } = turn;
  const own = ownOfPod(path);
  if (own !== undefined) {
    await note(options, `read ${own.what} of ${own.lease}`, "refused");
    return textOf(403, `Cannot read ${own.what} of a pod: they are its publisher's alone\n`);
  }
  if (method === "POST" && path === "/act") return await act(turn.form.text("act"), options);
  if (method !== "GET" || !["/", "/live"].includes(path)) return textOf(404, "Cannot find this page\n");
  const view = {
    overview: await options.desk.overview(),
    acts: options.audit.newest(),
    nowMs: options.clock.now(),
    said: SAID[query.get("said") ?? ""] ?? "",
  };
  return path === "/"
    ? { kind: "page", title: NAME, body: adminBody(view) }
    : { kind: "part", body: adminSections(view) };
}

/** What came of acts. */
const SAID: Readonly<Record<string, string>> = {
  pause: "Paused: no new pods are taken, what runs goes on.",
  resume: "Open again: new pods are taken.",
  drain: "Draining: notice is given, and pods run until their service ends.",
  failed: "That did not work: look at the alerts and the log.",
};

async function act(wanted: string, options: AdminServerOptions): Promise<PageAnswer> {
  const { desk } = options;
  const acts: Readonly<Record<string, () => unknown>> = { pause: desk.pause, resume: desk.resume, drain: desk.drain };
  const chosen = Object.hasOwn(acts, wanted) ? acts[wanted] : undefined;
  if (chosen === undefined) return textOf(400, "Cannot do this: there is no such act\n");
  try {
    await chosen();
    await note(options, wanted, "done");
    return { kind: "redirect", to: `/?said=${wanted}` };
  } catch {
    await note(options, wanted, "failed");
    return { kind: "redirect", to: "/?said=failed" };
  }
}

async function note(
  { audit, clock }: Pick<AdminServerOptions, "audit" | "clock">,
  what: string,
  outcome: "done" | "refused" | "failed",
) {
  await audit.append({ atMs: clock.now(), who: "operator", what, outcome });
}

function textOf(status: number, text: string): PageAnswer {
  return { kind: "text", status, text };
}
