import { PAGE_STYLE } from "../page/page-style.ts";
import { keepLive, loginByLink, scriptOf } from "../page/system-page-script.ts";
import { openPageServer, type PageServer } from "../page/system-page-server.ts";
import { POD_PAGE_NAME } from "./frame-parts.ts";
import { POD_PAGE_BODY_BYTES_MAX } from "./limits.ts";
import type { Outcome, PageWorld, PodPageOptions } from "./page-world.ts";
import { openPodFiles } from "./pod-files.ts";
import { POD_STYLE } from "./pod-style.ts";
import { answerTurn } from "./routes.ts";
import { checkWhileTyping, followLog } from "./system-pod-script.ts";
import { createTasks } from "./tasks.ts";

/** A publisher's page on the loopback. Owns: its socket, who is logged in, and what is under way. */
export interface PodPage extends PageServer {
  /** What is under way, for people. */
  going(): readonly string[];
  /** Waits until nothing is. */
  settled(): Promise<void>;
}

/** Opens the page of a publisher: pods, their files and leases of one wallet. It is given no key, only what signs by it. */
export async function openPodPage({ folder, port, ...options }: PodPageOptions): Promise<PodPage> {
  const tasks = createTasks<Outcome>(({ kind }) => kind !== "said");
  const world: PageWorld = {
    ...options,
    publisher: options.publisherWith(() => undefined),
    files: openPodFiles(folder),
    tasks,
  };
  const server = await openPageServer({
    ...{ name: POD_PAGE_NAME, command: "orrery pod page", cookie: "orrery-pods" },
    ...{ style: `${PAGE_STYLE}${POD_STYLE}`, script: scriptOf([loginByLink, keepLive, followLog, checkWhileTyping]) },
    ...{ clock: options.clock, port, bodyBytesMax: POD_PAGE_BODY_BYTES_MAX },
    answer: (turn) => answerTurn(world, turn),
  });
  return { ...server, going: () => tasks.going().map(({ title }) => title), settled: () => tasks.settled() };
}
