/** An entry of `package-lock.json`; only what is read or written here. */
export interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

/** A lockfile: entries by path, such as "node_modules/esbuild". */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** An optional package for another platform that an installed package names and the lockfile leaves out. */
export interface MissingPlatform {
  readonly name: string;
  readonly version: string;
  /** Name of the package that wants it. */
  readonly of: string;
  readonly dev: boolean;
}

const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];

/** Word of a package's name, and the processor that npm knows it as. */
const PROCESSORS: readonly (readonly [word: RegExp, cpu: string])[] = [
  [/\b(x64|x86_64|amd64)\b/, "x64"],
  [/\b(arm64|aarch64)\b/, "arm64"],
  [/\b(arm|armv7|armhf)\b/, "arm"],
  [/\bia32\b/, "ia32"],
  [/\bppc64\b/, "ppc64"],
  [/\briscv64\b/, "riscv64"],
  [/\bs390x\b/, "s390x"],
  [/\bloong64\b/, "loong64"],
];

/**
 * Lists the optional packages that the lockfile does not hold. npm leaves them out when the registry it asked has not
 * got them, and `npm ci` then refuses the lockfile, also on machines that would never install them.
 */
export function missingPlatforms(lockfile: Lockfile): MissingPlatform[] {
  return Object.entries(lockfile.packages).flatMap(([path, entry]) => {
    const wanted = Object.entries(entry.optionalDependencies ?? {});
    const absent = wanted.filter(([name]) => !isHeld(lockfile, path, name));
    const of = path.replace(/^.*node_modules\//, "");
    return absent.map(([name, version]) => ({ name, version, of, dev: entry.dev === true }));
  });
}

/**
 * Lists the paths of platform packages whose entry names engines. npm silently leaves such a package out when the Node
 * that runs npm is older, but our scripts run on the Node that npm installs, which it suits.
 */
export function engineBound(lockfile: Lockfile): string[] {
  const bound = ([, entry]: [string, LockEntry]): boolean => entry.optional === true && entry.engines !== undefined;
  return Object.entries(lockfile.packages)
    .filter((item) => bound(item) && item[1].os !== undefined)
    .map(([path]) => path);
}

/** Gives the lockfile with an entry for each missing package, bound to its platform, and no platform package bound to engines. */
export function completeLockfile(lockfile: Lockfile): Lockfile {
  const bound = new Set(engineBound(lockfile));
  const held = Object.entries(lockfile.packages).map(([path, entry]): [string, LockEntry] => {
    const { engines: _, ...rest } = entry;
    return [path, bound.has(path) ? rest : entry];
  });
  const added = missingPlatforms(lockfile).map(({ name, version, dev }): [string, LockEntry] => [
    `node_modules/${name}`,
    { version, ...platformOf(name), ...(dev ? { dev } : {}), optional: true },
  ]);
  const packages = [...held, ...added];
  return {
    ...lockfile,
    packages: Object.fromEntries(packages.sort(([left], [right]) => left.localeCompare(right, "en"))),
  };
}

/**
 * Reads the platform out of a name like "@esbuild/linux-x64".
 * @throws Error when the name tells none: an entry without would be fetched everywhere
 */
export function platformOf(name: string): Required<Pick<LockEntry, "os" | "cpu">> & Pick<LockEntry, "libc"> {
  const words = name
    .replace(/^@[^/]+\//, "")
    .replaceAll("gnueabihf", "-glibc")
    .replaceAll("musleabihf", "-musl");
  const os = SYSTEMS.find((system) => words.includes(system)) ?? (/\bwin\b/.test(words) ? "win32" : undefined);
  const cpu = PROCESSORS.find(([word]) => word.test(words))?.[1];
  if (os === undefined || cpu === undefined)
    throw new Error(`Cannot lock "${name}": its name tells no platform, add it by hand`);
  const libc = /\bmusl\b/.test(words) ? ["musl"] : /\b(gnu|glibc)\b/.test(words) ? ["glibc"] : undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc }) };
}

/** Looks where Node would: beside the package's own modules, then further up. */
function isHeld(lockfile: Lockfile, path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    if (lockfile.packages[`${folder}${folder === "" ? "" : "/"}node_modules/${name}`] !== undefined) return true;
    if (folder === "" || !folder.includes("node_modules/"))
      return lockfile.packages[`node_modules/${name}`] !== undefined;
  }
}
