import { mkdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, normalize, resolve } from "node:path";
import { BundleService, bundlesAt, openPublisherKey, publishFiles } from "@orrery/registry/bundles";
import { type ResourceMessage, Strategy } from "@orrery/registry/service";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { formatBytes } from "../operate/format.ts";
import { parseTime } from "../parse-time.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import type { Terminal } from "../terminal.ts";
import { nameOf, spaceOf } from "./app-names.ts";
import { awaitApp } from "./await-app.ts";
import { type CollectedFiles, collectFiles } from "./collect-files.ts";
import { DEPLOY_WAIT_MS, GIT_TOKEN_BYTES_MAX } from "./limits.ts";
import { pruneSent } from "./prune-sent.ts";
import { readSizes, type Size } from "./read-sizes.ts";
import { findSource, type Source } from "./source.ts";

interface Wish {
  readonly word: string;
  /** Address of what the app lies in. */
  readonly space: string;
  /** Empty: that of the source. */
  readonly name: string;
  readonly keyFile: string;
  /** Folder of the app in a repository; empty for its top. */
  readonly folder: string;
  /** What a private repository asks for. */
  readonly token: string | undefined;
  /** Undefined where nobody waits. */
  readonly waitMs: number | undefined;
  /** Whether its types are checked before it runs. */
  readonly isChecked: boolean;
  /** How many processes its components are to have, where that is said. */
  readonly sizes: ReadonlyMap<string, Size>;
  /** Whether it must run already. */
  readonly isUpdate: boolean;
}

/** Runs something on a platform, or what comes after it. */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const [word = ".", other] = input.words;
    if (other !== undefined)
      throw usageError(`Cannot ${input.command.name} "${other}" too: on a platform one is run after the other`);
    const name = input.text("name") ?? "";
    if (nameOf(name) !== name)
      throw usageError(`Cannot call an app "${name}": a name has small letters, digits and -, such as ${nameOf(name)}`);
    return {
      word,
      space: spaceOf(input, word),
      name,
      keyFile: keyFileOf(input, terminal),
      folder: folderOf(input),
      token: tokenOf(input, terminal),
      waitMs: waitOf(input),
      isChecked: !input.has("no-check"),
      sizes: readSizes(input.texts("instances")),
      isUpdate: input.command.name === "update",
    };
  },
  act: deploy,
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

function keyFileOf(input: CommandInput, terminal: Terminal): string {
  const said = input.text("publisher-key");
  const usual = join(terminal.env["HOME"] ?? homedir(), ".orrery", "publisher.key");
  return said === undefined ? usual : resolve(terminal.cwd, said);
}

/** The folder in a repository. @throws CommandError for one that leads out of it */
function folderOf(input: CommandInput): string {
  const folder = normalize(input.text("folder") ?? ".");
  if (folder.startsWith("..") || isAbsolute(folder))
    throw usageError(`Cannot run the folder "${folder}": it leads out of the repository, name one inside`);
  return folder === "." ? "" : folder;
}

/** The token for a private repository, which is no argument, so that nobody sees it. */
function tokenOf(input: CommandInput, terminal: Terminal): string | undefined {
  const file = input.text("git-token-file");
  if (file === undefined) return terminal.env["ORRERY_GIT_TOKEN"] || undefined;
  const path = resolve(terminal.cwd, file);
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0 || bytes > GIT_TOKEN_BYTES_MAX)
    throw usageError(
      `Cannot read a token from "${file}": it ${bytes === 0 ? "is not there, or empty" : `has more than ${GIT_TOKEN_BYTES_MAX} bytes`}`,
    );
  return readFileSync(path, "utf8").trim();
}

/** How long --wait waits; undefined where it was not given. */
export function waitOf(input: CommandInput): number | undefined {
  const wait = input.text("wait");
  if (wait === undefined) return undefined;
  return wait === "0" ? DEPLOY_WAIT_MS : parseTime(wait, "wait"); // Alone it stands for 0.
}

async function deploy(wish: Wish, context: ResourceContext): Promise<ExitCode> {
  const { server, terminal, isJson } = context;
  const { word, space, isUpdate, waitMs } = wish;
  const source = await findSource(word, { cwd: terminal.cwd, space }, context);
  if (source.kind !== "repository" && wish.folder !== "")
    throw usageError(`Cannot run the folder "${wish.folder}" of a ${source.kind}: --folder is for a repository`);
  if (!isJson) terminal.say(`Chosen: the ${source.kind} ${source.shown}`);
  const name = wish.name === "" ? source.name : wish.name;
  if (name === "")
    throw usageError(`Cannot run "${word}": it has no name that an address may have, choose one with --name`);
  const address = `${space}:${name}`;
  const there = (await server.ask((registry, options) => registry.list({ selector: address }, options))).resources[0];
  assertFree(address, there, isUpdate);
  const { commit, ...code } = await publish(source, { ...wish, address }, context);
  const { config } = code;
  const check = wish.isChecked ? "types" : "nothing";
  const properties = {
    config,
    source: source.shown,
    check,
    ...(commit !== "" && { commit }),
    ...(wish.sizes.size > 0 && { instances: sizesOf(wish.sizes, there) }),
  };
  const { written } = await server.ask((registry, options) =>
    registry.create({ address, kind: "App", properties, strategy: Strategy.UPDATE }, options),
  );
  const changed = written?.changed ?? false;
  const onPhase = (phase: string) => void (!isJson && terminal.say(`${address} is ${phase}`));
  const onBuild = (line: string) => void (!isJson && terminal.say(line));
  if (waitMs !== undefined) await awaitApp({ address, config, check, waitMs, onPhase, onBuild }, context);
  if (code.sent) await pruneSent(address, context);
  const facts = {
    address,
    ...code,
    changed,
    source: { kind: source.kind, from: source.shown, ...(commit !== "" && { commit }) },
  };
  if (isJson) await terminal.write(`${JSON.stringify({ ...facts, revision: Number(written?.revision ?? 0) })}\n`);
  else {
    const what = changed ? `Running ${address} from ${code.config}` : `${address} is so already, nothing was sent`;
    await terminal.write(`${what}\n`);
    if (waitMs === undefined) terminal.say(`Next: orrery status ${address}`);
  }
  return EXIT.done;
}

/** What is said now, beside what was said before of other components. */
function sizesOf(sizes: ReadonlyMap<string, Size>, there: ResourceMessage | undefined): Record<string, Size> {
  const { instances = {} } = (there?.properties ?? {}) as { instances?: Readonly<Record<string, Size>> };
  const all = Object.entries({ ...instances, ...Object.fromEntries(sizes) });
  return Object.fromEntries(all.filter(([, size]) => size !== "default"));
}

function assertFree(address: string, there: ResourceMessage | undefined, isUpdate: boolean): void {
  if (there !== undefined && there.kind !== "App")
    throw new CommandError(
      `Cannot run "${address}": there is a ${there.kind} of that name, choose another with --name`,
    );
  if (there?.status?.state === "Destroying")
    throw new CommandError(`Cannot run "${address}": it is being removed, try again when it is gone`);
  if (isUpdate && there === undefined)
    throw new CommandError(`Cannot update "${address}": it is not running, orrery run starts it`, {
      exit: EXIT.notFound,
    });
}

/** What was published for an app. */
interface Published {
  /** Address of its file, with the version. */
  readonly config: string;
  /** Whether anything was sent. */
  readonly sent: boolean;
  /** Of the repository that it came from; empty where it came from none. */
  readonly commit: string;
}

/** How something is published. */
interface PublishWish extends Pick<Wish, "folder" | "token" | "keyFile"> {
  /** Address of the app. */
  readonly address: string;
}

async function publish(source: Source, wish: PublishWish, context: ResourceContext): Promise<Published> {
  const { terminal, isJson } = context;
  switch (source.kind) {
    case "bundle":
      return { config: source.config, sent: false, commit: "" };
    case "directory":
      return { ...(await send(await collectFiles(source.folder, source.shown), wish, context)), commit: "" };
    case "repository": {
      const { fetchRepository } = await import("./system-git.ts");
      using checkout = await fetchRepository(source, {
        env: terminal.env,
        ...(wish.token !== undefined && { token: wish.token }),
        onProgress: (bytes) => terminal.progress(`Fetched ${formatBytes(bytes)}`),
      });
      terminal.progress("");
      const { commit, submodules } = checkout;
      if (!isJson) terminal.say(`Fetched commit ${commit}`);
      if (submodules.length > 0) terminal.say(`Without its submodules: ${submodules.slice(0, 5).join(", ")}`);
      const shown = join(source.shown, wish.folder).replace(/:\/(?!\/)/, "://");
      return { ...(await send(await collectFiles(join(checkout.folder, wish.folder), shown), wish, context)), commit };
    }
  }
}

async function send(
  { files, config }: CollectedFiles,
  { address, keyFile }: PublishWish,
  { server, terminal }: ResourceContext,
): Promise<Omit<Published, "commit">> {
  mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 });
  const key = openPublisherKey(keyFile);
  try {
    const published = await publishFiles(bundlesAt(server.node.client(BundleService)), {
      files,
      key,
      address: (digest) => `${address}-src:${versionOf(digest)}`,
      onProgress: ({ sent, bytes }) => terminal.progress(`Sent ${formatBytes(sent)} of ${formatBytes(bytes)}`),
    });
    return { config: `${published.address}:${config}`, sent: published.changed };
  } catch (error) {
    throw server.explain(error);
  } finally {
    terminal.progress("");
  }
}

/** The version of what has a digest: the same for the same content. */
function versionOf(digest: string): string {
  return `0.0.0-c${digest.replace(/^sha256:/, "").slice(0, 16)}`;
}
