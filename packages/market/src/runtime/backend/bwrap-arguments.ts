import { ROOT } from "./assembly.ts";
import type { ContainerStart } from "./container-backend.ts";

/** What is told to bubblewrap of a container that was assembled, or of one whose files it is to bind itself. Nothing of it stands in a list of processes. */
export function bwrapArguments(start: ContainerStart, isAssembled: boolean): readonly string[] {
  const { user, hostname, env, workingDir, lower, binds } = start;
  const files = isAssembled
    ? ["--bind", ROOT, "/"]
    : ["--ro-bind", lower, "/", "--perms", "1777", "--tmpfs", "/tmp", "--perms", "0755", "--tmpfs", "/run"];
  const bound = binds.flatMap(({ from, to, isReadOnly }) => [isReadOnly ? "--ro-bind" : "--bind", from, to]);
  return [
    ...["--unshare-user", "--disable-userns", "--uid", String(user.uid), "--gid", String(user.gid)],
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--hostname", hostname, "--clearenv"],
    ...Object.entries(env).flatMap(([name, value]) => ["--setenv", name, value]),
    ...files,
    ...["--proc", "/proc", "--dev", "/dev"],
    ...(isAssembled ? [] : bound),
    ...["--chdir", workingDir],
  ];
}
