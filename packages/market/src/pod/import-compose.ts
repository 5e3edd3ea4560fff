import { OrreryError } from "@orrery/core";
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, stringify, type YAMLMap } from "yaml";
import { POD_FILE_BYTES_MAX } from "./limits.ts";
import type { SaidContainer, SaidPod, SaidPort } from "./said-pod.ts";

/** A pod file that was made of a compose file. */
export interface ImportedPod {
  readonly text: string;
  /** What was left out or guessed, each with `file:line`. */
  readonly notes: readonly string[];
}

/** Options of `importCompose`. */
export interface ImportComposeOptions {
  /** What errors and notes call the file. */
  readonly file: string;
  /** Name of the pod. Default: what the file says, else `app`. */
  readonly name?: string;
}

/** Size of a volume, of which a compose file says none. */
const VOLUME_SIZE = "1GiB";

/** Ports by which programs speak HTTP as a rule. */
const HTTP_PORTS: readonly number[] = [80, 3000, 5000, 8000, 8080];

/** Told what was left out, and where. */
type Note = (at: Node | null | undefined, text: string) => void;

/**
 * Makes a pod file of a compose file: its services become containers of one pod. What a pod cannot say is left out, and told.
 * @throws OrreryError `invalid_argument` for what is no compose file
 */
export function importCompose(text: string, { file, name }: ImportComposeOptions): ImportedPod {
  const lines = new LineCounter();
  const document = text.length > POD_FILE_BYTES_MAX ? undefined : parseDocument(text, { lineCounter: lines });
  if (document === undefined) throw unreadable(file, `it is longer than ${POD_FILE_BYTES_MAX} bytes`);
  const [error] = document.errors;
  if (error !== undefined) throw unreadable(file, `${error.message.split("\n")[0]}`);
  const services = isMap(document.contents) ? mapIn(document.contents, "services") : undefined;
  if (!isMap(document.contents) || services === undefined)
    throw unreadable(file, "it has no services: is it a compose file?");
  const notes: string[] = [];
  const note: Note = (at, what) => {
    const offset = at?.range?.[0];
    notes.push(`${file}${offset === undefined ? "" : `:${lines.linePos(offset).line}`}: ${what}`);
  };
  const top = document.contents;
  for (const { key, said } of fieldsOf(top))
    if (!["services", "volumes", "secrets", "name", "version"].includes(said)) note(key, `"${said}" is left out`);
  const containers = fieldsOf(services).map(({ key, said, value }) => {
    if (!isMap(value)) throw unreadable(file, `its service "${said}" says nothing`);
    return { name: nameOf(said), key, ...containerOf(value, said, note) };
  });
  const copies = containers.map(({ replicas }) => replicas);
  const replicas = Math.max(1, ...copies);
  if (copies.some((one) => one !== replicas)) note(services, `all of a pod is copied alike: replicas is ${replicas}`);
  const used = new Set(containers.flatMap(({ container }) => Object.keys(container.volumes ?? {})));
  const secrets = secretsOf(top, containers, note);
  const pod: SaidPod = {
    name: name ?? nameOf(textIn(top, "name") ?? "app"),
    containers: Object.fromEntries(containers.map((one) => [one.name, one.container])),
    ...(used.size > 0 && { volumes: Object.fromEntries([...used].map((one) => [one, VOLUME_SIZE])) }),
    ...(Object.keys(secrets).length > 0 && { secrets }),
    ...(replicas > 1 && { replicas }),
  };
  if (used.size > 0) note(undefined, `volumes have ${VOLUME_SIZE} each: write how much they need`);
  return { text: stringify(pod), notes };
}

interface Imported {
  readonly container: SaidContainer;
  readonly replicas: number;
}

/** Fields of a service that are said in a pod, or that say nothing where it has containers. */
const KNOWN = [
  ...["image", "build", "command", "entrypoint", "environment", "ports", "expose", "volumes", "secrets"],
  ...["deploy", "working_dir", "container_name", "restart", "mem_limit", "cpus"],
];

function containerOf(service: YAMLMap, said: string, note: Note): Imported {
  for (const { key, said: field } of fieldsOf(service))
    if (!KNOWN.includes(field)) note(key, `"services.${said}.${field}" is left out`);
  const limits =
    mapAt(service, "deploy", "resources", "limits") ?? mapAt(service, "deploy", "resources", "reservations");
  const cpus = (limits && textIn(limits, "cpus")) ?? textIn(service, "cpus");
  const memory = sizeOf((limits && textIn(limits, "memory")) ?? textIn(service, "mem_limit"));
  const command = [...wordsOf(service.get("entrypoint", true)), ...wordsOf(service.get("command", true))];
  const env = variablesOf(service.get("environment", true), said, note);
  const ports = portsOf(service, said, note);
  const volumes = volumesOf(service, said, note);
  const secrets = listOf(service, "secrets").flatMap((one) => (isScalar(one) ? [String(one.value)] : []));
  const workingDir = textIn(service, "working_dir");
  return {
    replicas: Number(textAt(service, "deploy", "replicas") ?? 1),
    container: {
      image: imageOf(service, said, note),
      ...(command.length > 0 && { command }),
      ...(workingDir !== undefined && { workingDir }),
      ...(Object.keys(env).length > 0 && { env }),
      ...(ports.length > 0 && { ports }),
      ...(Object.keys(volumes).length > 0 && { volumes }),
      ...(secrets.length > 0 && {
        secrets: Object.fromEntries(secrets.map((one) => [nameOf(one), `/run/secrets/${one}`])),
      }),
      ...(cpus !== undefined && { cpu: Number(cpus) }),
      ...(memory !== undefined && { memory }),
    },
  };
}

function imageOf(service: YAMLMap, said: string, note: Note): string {
  const image = textIn(service, "image");
  const build = service.get("build", true) as Node | undefined;
  const folder = isMap(build) ? textIn(build, "context") : isScalar(build) ? String(build.value) : undefined;
  if (image !== undefined) return image;
  if (folder === undefined) {
    note(service, `"services.${said}" has no image: write one`);
    return "./";
  }
  note(build, `"services.${said}.build" becomes the folder's files as they are: no Dockerfile is run`);
  return folder === "." || folder.startsWith("./") ? folder : `./${folder}`;
}

function variablesOf(node: unknown, said: string, note: Note): Record<string, string> {
  const pairs = isMap<Node, Node>(node)
    ? fieldsOf(node).map(
        ({ key, said: name, value }) => [key, name, isScalar(value) ? value.value : undefined] as const,
      )
    : isSeq<Node>(node)
      ? node.items.map((item) => {
          const [, name = "", value] = /^([^=]*)(?:=(.*))?$/s.exec(String(isScalar(item) ? item.value : "")) ?? [];
          return [item, name, value] as const;
        })
      : [];
  return Object.fromEntries(
    pairs.flatMap(([at, name, value]) => {
      if (value !== undefined && value !== null && !String(value).includes("${")) return [[name, String(value)]];
      note(at, `"services.${said}.environment.${name}" comes from the shell: write its value`);
      return [];
    }),
  );
}

const PORT = /^(?:(?<address>[\d.]+|\[[^\]]+\]):)?(?:(?<out>\d+):)?(?<inside>\d+)(?:\/(?<transport>tcp|udp))?$/;

function portsOf(service: YAMLMap, said: string, note: Note): readonly SaidPort[] {
  return listOf(service, "ports").flatMap((one): SaidPort[] => {
    const spelled = isMap(one)
      ? `${textIn(one, "target")}/${textIn(one, "protocol") ?? "tcp"}`
      : String(isScalar(one) ? one.value : "");
    const { inside, transport } = PORT.exec(spelled)?.groups ?? {};
    if (inside === undefined) {
      note(one, `"services.${said}.ports" has "${spelled}", which is left out: write each port by itself`);
      return [];
    }
    const port = Number(inside);
    if (transport === "udp") return [{ port, protocol: "udp" }];
    if (HTTP_PORTS.includes(port))
      note(one, `port ${port} may be of HTTP: write its host, such as host: ${nameOf(said)}.test`);
    return [{ port, protocol: "tcp" }];
  });
}

function volumesOf(service: YAMLMap, said: string, note: Note): NonNullable<SaidContainer["volumes"]> {
  return Object.fromEntries(
    listOf(service, "volumes").flatMap((one) => {
      const [source = "", path = "", mode] = isMap(one)
        ? [textIn(one, "source"), textIn(one, "target"), textIn(one, "read_only") === "true" ? "ro" : undefined]
        : String(isScalar(one) ? one.value : "").split(":");
      if (/^[\w-]+$/.test(source) && path.startsWith("/"))
        return [[nameOf(source), mode === "ro" ? { path, readOnly: true } : path]];
      note(one, `"services.${said}.volumes" has "${source}", a folder of your machine: put it into the image`);
      return [];
    }),
  );
}

function secretsOf(top: YAMLMap, containers: readonly Imported[], note: Note): Record<string, string> {
  const used = new Set(containers.flatMap(({ container }) => Object.keys(container.secrets ?? {})));
  const files = new Map(
    fieldsOf(mapIn(top, "secrets")).map(({ said, value }) => [
      nameOf(said),
      isMap(value) ? textIn(value, "file") : undefined,
    ]),
  );
  return Object.fromEntries(
    [...used].map((name) => {
      const file = files.get(name);
      if (file === undefined) note(undefined, `secret "${name}" has no file: write where it is`);
      return [name, file ?? `${name}.txt`];
    }),
  );
}

/** A name as pods have them. */
function nameOf(said: string): string {
  const name = said.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return (
    name
      .replace(/^-+|-+$/g, "")
      .slice(0, 40)
      .replace(/-+$/, "") || "app"
  );
}

/** Sizes of compose files, whose units are powers of 1,024. */
function sizeOf(said: string | undefined): string | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([bkmg])b?$/i.exec(said ?? "") ?? [];
  if (number === undefined || unit === undefined) return undefined;
  const bytes = Number(number) * 1024 ** "bkmg".indexOf(unit.toLowerCase());
  return `${Math.max(1, Math.ceil(bytes / 1024 ** 2))}MiB`;
}

/** Words of a command: a list, or a text as a shell would have it. */
function wordsOf(node: unknown): readonly string[] {
  if (isSeq<Node>(node)) return node.items.map((item) => String(isScalar(item) ? item.value : ""));
  if (!isScalar(node) || node.value === null) return [];
  return /["'$`|&;<>\\*?]/.test(String(node.value))
    ? ["sh", "-c", String(node.value)]
    : String(node.value).split(/\s+/);
}

function fieldsOf(
  map: YAMLMap | undefined,
): readonly { readonly key: Node; readonly said: string; readonly value: unknown }[] {
  return (map?.items ?? []).map(({ key, value }) => ({
    key: key as Node,
    said: String(isScalar(key) ? key.value : ""),
    value,
  }));
}

function mapIn(map: YAMLMap, field: string): YAMLMap | undefined {
  const value = map.get(field, true);
  return isMap(value) ? value : undefined;
}

function mapAt(map: YAMLMap, ...path: readonly string[]): YAMLMap | undefined {
  return path.reduce<YAMLMap | undefined>((inside, field) => inside && mapIn(inside, field), map);
}

function textIn(map: YAMLMap, field: string): string | undefined {
  const value = map.get(field, true);
  return isScalar(value) && value.value !== null ? String(value.value) : undefined;
}

function textAt(map: YAMLMap, group: string, field: string): string | undefined {
  const inside = mapIn(map, group);
  return inside && textIn(inside, field);
}

function listOf(map: YAMLMap, field: string): readonly Node[] {
  const value = map.get(field, true);
  return isSeq<Node>(value) ? value.items : [];
}

function unreadable(file: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot import "${file}": ${why}`);
}
