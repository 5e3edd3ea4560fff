import { SCRATCH_BYTES_MAX } from "../limits.ts";
import { quoted } from "../system-command.ts";
import { IN_IMAGE, mountImage } from "../volumes/mount-image.ts";
import type { ContainerStart } from "./container-backend.ts";

/** Where a container's root stands when it was assembled: in a folder that every machine has, and users of pods pass. */
export const ROOT = "/mnt/root";
const STAGE = "/mnt";

/**
 * Makes the files of a container, as a script that runs in a name space of mounts of its own: what an image has below, what the container writes
 * above it in memory, and over both what is bound there, volumes among it that are file systems in files. All of it is gone with the last process of the name space.
 */
export function assembly({
  lower,
  scratch,
  hostUser = 0,
  binds,
}: Pick<ContainerStart, "lower" | "scratch" | "hostUser" | "binds">): string {
  const [root, upper, work] = ["root", "upper", "work"].map((name) => quoted(`${scratch}/${name}`));
  const bound = binds.map(({ from, to, isReadOnly, isImage }, number) => {
    const volume = `${scratch}/volume-${number}`;
    const mounted = isImage ? `mkdir ${quoted(volume)}\n${mountImage(from, volume)}\n` : "";
    const place = quoted(`${scratch}/root${to}`);
    const flags = `bind,nosuid,nodev${isReadOnly ? ",ro" : ""}`;
    return `${mounted}mount -o ${flags} ${quoted(isImage ? `${volume}/${IN_IMAGE}` : from)} ${place}`;
  });
  return `set -e
mount -t tmpfs -o mode=0755,nosuid,nodev,size=${SCRATCH_BYTES_MAX} orrery ${quoted(scratch)}
mkdir ${root} ${upper} ${work}
chown ${hostUser}:${hostUser} ${upper}
mount -t overlay -o nosuid,nodev,lowerdir=${quoted(lower)},upperdir=${upper},workdir=${work} orrery ${root}
${bound.join("\n")}
mount --rbind ${quoted(scratch)} ${STAGE}
`;
}

/** Enters a network and a name space of mounts of its own, and runs a script there. */
export function inOwnMounts(nameSpace: string | undefined, script: string): string {
  const network = nameSpace === undefined ? "" : `nsenter --net=${quoted(nameSpace)} -- `;
  return `exec ${network}unshare --mount --propagation slave -- /bin/sh -c ${quoted(script)}`;
}
