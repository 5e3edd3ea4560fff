import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, type Log, OrreryError } from "@orrery/core";
import type { AdminAudit } from "../admin/audit.ts";
import { boundedText } from "../bounded-text.ts";
import { packFolder } from "../image/pack-folder.ts";
import type { PodRuntime } from "../runtime/pod-runtime.ts";
import { type Listening, listenAt } from "../system-listen.ts";
import { ADDON_FILE, ADDON_SOCKET, type Addon, parseAddon, podOfAddon } from "./addon.ts";
import { type AddonFacts, answerAddon, type OfferCount } from "./answer-addon.ts";
import { ADDON_BODY_BYTES_MAX, ADDONS_MAX } from "./limits.ts";

/** Options of `openAddons`. */
export interface AddonsOptions {
  /** Where add-ons are kept, a folder for each; made where it is missing. */
  readonly folder: string;
  /** Runs them, each as a pod of its own: they reach neither tenants nor what listens on the loopback. */
  readonly runtime: Pick<PodRuntime, "apply" | "remove" | "look">;
  /** What they may be told. */
  readonly facts: AddonFacts;
  /** Keeps what they signed, and what was refused to them. */
  readonly audit: AdminAudit;
  /** Times their offers. */
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** Told of add-ons that do not start. */
  readonly log: Log;
}

/** An add-on, and how it stands. */
export interface AddonView extends Addon {
  readonly isRunning: boolean;
}

/** Add-ons of a provider. Owns: their folders, sockets and pods. I1: an add-on is told what it declared, by a socket that nobody else has. */
export interface Addons {
  /**
   * Takes a folder as an add-on, in the place of one of the same name, and runs it.
   * @throws OrreryError `invalid_argument` for a wrong `addon.yaml`, `resource_exhausted` beyond the bound, `failed_precondition` where it does not start; it is not kept then
   */
  add(source: string): Promise<AddonView>;
  /** Ends one and takes it away. @throws OrreryError `not_found` */
  remove(name: string): Promise<void>;
  list(): readonly AddonView[];
  /** Ends their sockets. Their pods are the runtime's. */
  close(): Promise<void>;
}

/** An add-on that runs. */
interface Running {
  readonly addon: Addon;
  readonly socket: Listening;
}

/** Opens the add-ons of a provider, and starts those that it has. */
export async function openAddons(options: AddonsOptions): Promise<Addons> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const addons = new AddonSet(options, await mkdtemp(join(tmpdir(), "orrery-addons-")));
  await addons.startAll();
  return addons;
}

class AddonSet implements Addons {
  readonly #options: AddonsOptions;
  readonly #sockets: string;
  readonly #running = new Map<string, Running>();

  constructor(options: AddonsOptions, sockets: string) {
    this.#options = options;
    this.#sockets = sockets;
  }

  async startAll(): Promise<void> {
    const { folder, log } = this.#options;
    for (const name of await readdir(folder)) {
      if (name.startsWith(".")) continue; // It was being added when the provider ended.
      const source = join(folder, name);
      await readAddon(source)
        .then((addon) => this.#start(addon, source))
        .catch((error: Error) => log.error("add-on not started", { name, error: error.message }));
    }
  }

  async add(source: string): Promise<AddonView> {
    const { folder } = this.#options;
    const addon = await readAddon(source);
    if (!this.#running.has(addon.name) && this.#running.size >= ADDONS_MAX)
      throw new OrreryError("resource_exhausted", `Cannot add "${addon.name}": ${ADDONS_MAX} add-ons are the most`);
    const staged = join(folder, `.${addon.name}`);
    await rm(staged, { recursive: true, force: true });
    await cp(source, staged, { recursive: true });
    try {
      const own = await this.#start(addon, staged);
      await rm(join(folder, addon.name), { recursive: true, force: true });
      await rename(staged, join(folder, addon.name));
      return this.#viewOf(own);
    } catch (error) {
      await rm(staged, { recursive: true, force: true });
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    const { folder, runtime } = this.#options;
    if (!this.#running.has(name))
      throw new OrreryError("not_found", `Cannot remove "${name}": there is no such add-on`);
    await this.#shut(name);
    await runtime.remove(podNameOf(name));
    await rm(join(folder, name), { recursive: true, force: true });
  }

  list(): readonly AddonView[] {
    return [...this.#running.values()].map((own) => this.#viewOf(own));
  }

  async close(): Promise<void> {
    for (const name of [...this.#running.keys()]) await this.#shut(name);
    await rm(this.#sockets, { recursive: true, force: true });
  }

  async #start(addon: Addon, source: string): Promise<Running> {
    const { runtime } = this.#options;
    const { digest, archive } = await packFolder(source, { leaveOut: [ADDON_FILE] });
    const path = join(this.#sockets, `${addon.name}.sock`);
    await this.#shut(addon.name);
    const open = await listen(path, addon, this.#options); // I1
    try {
      await runtime.apply({
        name: podNameOf(addon.name),
        pod: podOfAddon(addon),
        images: { main: { digest, read: async () => archive } },
        secrets: {},
        sockets: { [ADDON_SOCKET]: path },
        isOffline: !addon.permissions.includes("internet"),
      });
    } catch (error) {
      await open.close();
      await runtime.remove(podNameOf(addon.name));
      throw error;
    }
    const own = { addon, socket: open };
    this.#running.set(addon.name, own);
    return own;
  }

  async #shut(name: string): Promise<void> {
    const own = this.#running.get(name);
    this.#running.delete(name);
    await own?.socket.close();
    await rm(join(this.#sockets, `${name}.sock`), { force: true });
  }

  #viewOf({ addon }: Running): AddonView {
    return { ...addon, isRunning: this.#options.runtime.look(podNameOf(addon.name))?.isWell === true };
  }
}

async function readAddon(source: string): Promise<Addon> {
  const file = join(source, ADDON_FILE);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new OrreryError("not_found", `Cannot add "${source}": it has no ${ADDON_FILE} (${error.code})`);
  });
  return parseAddon(text, { file });
}

function podNameOf(name: string): string {
  return `addon-${name}`;
}

/** Answers one add-on by a socket of its own. */
async function listen(socket: string, addon: Addon, { facts, audit, clock, log }: AddonsOptions): Promise<Listening> {
  const count = countOffers(clock);
  const server = createServer((request, answer) => {
    void (async () => {
      const { method = "", url = "" } = request;
      const asked = {
        method,
        path: url.split("?")[0] ?? "",
        body: (await boundedText(request, ADDON_BODY_BYTES_MAX)) ?? "too long",
      };
      const { status, body, act } = await answerAddon(addon, asked, { facts, count });
      if (act !== undefined) await audit.append({ atMs: clock.now(), who: `add-on ${addon.name}`, ...act });
      answer.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    })().catch((error: Error) => {
      log.error("add-on not answered", { name: addon.name, error: error.message });
      answer.writeHead(500, { "content-type": "application/json" }).end('{"error":"Cannot answer: try again"}\n');
    });
  });
  const listening = await listenAt(server, { path: socket });
  await chmod(socket, 0o666); // Whoever is in the add-on; nobody else passes the folder.
  return listening;
}

function countOffers(clock: Pick<Clock, "monotonic">): OfferCount {
  let taken: number[] = [];
  return {
    take: (perHour) => {
      const nowMs = clock.monotonic();
      taken = taken.filter((atMs) => nowMs - atMs < 3_600_000);
      if (taken.length >= perHour) return false;
      taken.push(nowMs);
      return true;
    },
  };
}
