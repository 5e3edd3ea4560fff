import { quoted } from "../system-command.ts";

/**
 * Mounts the file system of a file, as a part of a script in a name space of mounts of its own: it is gone with the last process there. Several may
 * have it at once, and share it; one at a time mounts it, since the kernel would otherwise take it for two. One that nobody has is looked at first.
 */
export function mountImage(image: string, place: string): string {
  const [file, at] = [quoted(image), quoted(place)];
  return `(
flock 9
if [ -z "$(losetup -j ${file})" ]; then e2fsck -p ${file} >/dev/null || [ $? -eq 1 ] || { echo "a volume is damaged, and its provider is to mend it: e2fsck -f" >&2; exit 125; }; fi
mount -t ext4 -o loop,nosuid,nodev,discard,noinit_itable ${file} ${at}
) 9<${file}`;
}

/** Folder of a file system that holds what a volume does: beside it ext4 keeps one of its own. */
export const IN_IMAGE = "data";
