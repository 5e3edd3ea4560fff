import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** What of the machine a process needs that runs Node and components. */
export interface ShownCode {
  readonly shown: readonly string[];
  readonly links: Readonly<Record<string, string>>;
}

/** Folders of a system without which no program runs, and files by which programs find libraries and the time. */
const SYSTEM = ["/usr", "/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives"];

/** Finds the system's programs, Node, and the packages with which components are served and which they may import. */
export function shownCode(packages: readonly string[]): ShownCode {
  const rooted = readdirSync("/").filter((name) => /^(bin|sbin|lib\w*)$/.test(name));
  const links = rooted.filter((name) => lstatSync(`/${name}`).isSymbolicLink());
  const folders = rooted.filter((name) => !links.includes(name)).map((name) => `/${name}`);
  return {
    shown: [...SYSTEM, ...folders, realpathSync(process.execPath), process.execPath, ...codeOf(packages)],
    links: Object.fromEntries(links.map((name) => [`/${name}`, readlinkSync(`/${name}`)])),
  };
}

/** Folders of packages, of those that they depend on, and those in which these are found. */
function codeOf(packages: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const folders = new Set<string>();
  const take = (folder: string) => {
    if (found.has(folder)) return;
    found.add(folder);
    const [modules] = folder.split(`${sep}node_modules${sep}`);
    // What is installed stands with all that it needs in one folder; what is developed is linked to from there.
    if (modules !== undefined && modules !== folder) folders.add(join(modules, "node_modules"));
    else {
      folders.add(folder);
      for (let one = folder; one !== dirname(one); one = dirname(one))
        if (existsSync(join(one, "node_modules"))) folders.add(join(one, "node_modules"));
    }
    for (const name of dependenciesOf(folder)) {
      const next = packageFolder(name, folder);
      if (next !== undefined) take(next);
    }
  };
  for (const name of packages) take(packageFolder(name, dirname(fileURLToPath(import.meta.url))) ?? "");
  found.delete("");
  folders.delete("");
  return [...folders];
}

function dependenciesOf(folder: string): readonly string[] {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return [];
  const { dependencies = {} } = JSON.parse(readFileSync(file, "utf8")) as { dependencies?: Record<string, string> };
  return Object.keys(dependencies).filter((name) => name.startsWith("@orrery/"));
}

/** The real folder of a package, as code in another folder finds it. */
function packageFolder(name: string, from: string): string | undefined {
  const places = createRequire(join(from, "x.js")).resolve.paths(name) ?? [];
  const place = places.map((one) => join(one, name)).find((one) => existsSync(join(one, "package.json")));
  return place && realpathSync(place);
}
