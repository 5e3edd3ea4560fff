import { spawnSync } from "node:child_process";

/** A Debian package and a command that succeeds where what it gives is there by other means. */
export interface SystemPackage {
  readonly name: string;
  /** Tried only where there is no dpkg to ask. */
  readonly probe: readonly [command: string, ...args: string[]];
  readonly because: string;
  /** The tests that need it are skipped where it cannot be installed, and say so. Default: false. */
  readonly isOptional?: boolean;
}

/** What the machine lets `ensurePackages` do; a test hands in a false one. */
export interface Machine {
  /** Names of the packages of the list that are not installed. */
  missing(packages: readonly SystemPackage[]): readonly string[];
  /** True when apt may install: it is there and the user is root. */
  readonly mayInstall: boolean;
  /** Installs packages and tells whether it worked. */
  install(names: readonly string[]): boolean;
}

/**
 * Sees that packages are there, installing by apt what is missing where that is allowed.
 * Gives undefined when all are there, else the text that tells a person what to install.
 */
export function ensurePackages(packages: readonly SystemPackage[], machine: Machine): string | undefined {
  const extras = packages.filter(({ isOptional }) => isOptional);
  const lacked = machine.missing(extras);
  if (lacked.length > 0 && machine.mayInstall) machine.install(lacked); // Where it fails, the tests tell.
  return ensureNeeded(
    packages.filter(({ isOptional }) => !isOptional),
    machine,
  );
}

function ensureNeeded(packages: readonly SystemPackage[], machine: Machine): string | undefined {
  const names = machine.missing(packages);
  if (names.length === 0) return undefined;
  if (machine.mayInstall && machine.install(names) && machine.missing(packages).length === 0) return undefined;
  const why = packages.filter(({ name }) => names.includes(name)).map(({ name, because }) => `  ${name}: ${because}`);
  const how = `apt-get update && apt-get install --no-install-recommends ${names.join(" ")}`;
  const state = machine.mayInstall ? "apt-get could not install them" : "only root may install them";
  return `Cannot set up: system packages are missing and ${state}, install them by\n  ${how}\n${why.join("\n")}`;
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  const hasDpkg = succeeds("dpkg-query", ["--version"]);
  return {
    missing: (packages) => (hasDpkg ? missingByDpkg(packages) : missingByProbe(packages)),
    mayInstall: process.getuid?.() === 0 && succeeds("apt-get", ["--version"]),
    install: (names) => {
      process.stdout.write(`setup: apt-get install ${names.join(" ")}\n`);
      return apt("update") && apt("install", "--yes", "--no-install-recommends", ...names);
    },
  };
}

function missingByDpkg(packages: readonly SystemPackage[]): string[] {
  const names = packages.map((item) => item.name);
  const asked = spawnSync("dpkg-query", ["--show", "--showformat", `\${Package} \${db:Status-Status}\n`, ...names]);
  const installed = new Set(asked.stdout.toString().split("\n"));
  return names.filter((name) => !installed.has(`${name} installed`));
}

function missingByProbe(packages: readonly SystemPackage[]): string[] {
  return packages.filter(({ probe: [command, ...args] }) => !succeeds(command, args)).map((item) => item.name);
}

function apt(...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const words = ["--quiet=2", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120", ...args];
  const { status, stderr } = spawnSync("apt-get", words, { env, stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) process.stderr.write(stderr?.toString() ?? "");
  return status === 0;
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
