import { mkdirSync, rmSync } from "node:fs";
import { OrreryError } from "@orrery/core";
import { inOwnMounts } from "../backend/assembly.ts";
import { IMAGE_COMMAND_MS, JOURNAL_BYTES, JOURNAL_FROM_MIB } from "../limits.ts";
import { quoted, runOrThrow, runScript } from "../system-command.ts";
import { imageBytes } from "./image-bytes.ts";
import { IN_IMAGE, mountImage } from "./mount-image.ts";

/** Options of a file system. */
export interface ImageOptions {
  /** Of its file. */
  readonly bytes: number;
  /** User and group that its folder is of. */
  readonly owner: number;
}

/**
 * Makes file systems in files, which take of the disk what is written to them alone. I1: a file is there as a whole or not at all. I2: what is mounted
 * here is so in a name space of its own, and gone with the script that does it.
 */
export interface VolumeImages {
  /** Makes a file with an empty file system, whose folder `data` everybody may write to. */
  make(image: string, options: ImageOptions): Promise<void>;
  /** Makes it larger; one that was broken off is done again. It may not be mounted. */
  grow(image: string, bytes: number): Promise<void>;
  /** Puts a smaller one in its place, with the same files. It may not be mounted. */
  shrink(image: string, bytes: number): Promise<void>;
  /** Bytes that its files take. */
  held(image: string): Promise<number>;
}

const TOOLS = "mkfs.ext4 e2fsck resize2fs losetup flock unshare".split(" ");
/** A folder that every machine has. */
const PLACE = "/mnt";

/** Opens what makes file systems in a folder; gives instead why it cannot. */
export async function openVolumeImages(folder: string): Promise<VolumeImages | string> {
  if (process.getuid?.() !== 0) return "the runtime is not root, start it as root";
  if ((await runScript(TOOLS.map((tool) => `command -v ${tool} >/dev/null || exit 1`).join("\n"))).code !== 0)
    return "there is no mkfs.ext4 or losetup, install e2fsprogs, mount and util-linux";
  const images = createVolumeImages();
  const trial = `${folder}/trial.ext4`;
  try {
    await images.make(trial, { bytes: imageBytes(1), owner: 0 });
    await images.held(trial);
    return images;
  } catch (error) {
    return `a trial of a file system in a file failed (${(error as Error).message}): give it devices of loop (modprobe loop)`;
  } finally {
    rmSync(trial, { force: true });
  }
}

function createVolumeImages(): VolumeImages {
  return {
    make: async (image, options) => {
      const from = `${image}.from`;
      rmSync(from, { recursive: true, force: true });
      mkdirSync(`${from}/${IN_IMAGE}`, { recursive: true });
      try {
        await runOrThrow(
          "make a volume",
          `${owned(`${from}/${IN_IMAGE}`, options.owner)}${formatted(image, from, options.bytes)}`,
          { timeoutMs: IMAGE_COMMAND_MS },
        );
      } finally {
        rmSync(from, { recursive: true, force: true });
      }
    },
    grow: async (image, bytes) => {
      const file = quoted(image);
      const script = `set -e
e2fsck -f -p ${file} >/dev/null || [ $? -eq 1 ]
resize2fs ${file} ${bytes / 1024}K >/dev/null
truncate -s ${bytes} ${file}`;
      await runOrThrow("make a volume larger", script, { timeoutMs: IMAGE_COMMAND_MS });
    },
    shrink: async (image, bytes) => {
      const script = `set -e
${mountImage(image, PLACE)}
${formatted(image, PLACE, bytes)}`;
      await runOrThrow("make a volume smaller", inOwnMounts(undefined, script), { timeoutMs: IMAGE_COMMAND_MS });
    },
    held: async (image) => {
      const script = `set -e
${mountImage(image, PLACE)}
stat -f -c '%b %f %S' ${PLACE}`;
      const said = await runOrThrow("look at a volume", inOwnMounts(undefined, script));
      const [blocks = 0, free = 0, each = 0] = said.trim().split(" ").map(Number);
      if (Number.isInteger(blocks) && each > 0) return (blocks - free) * each;
      throw new OrreryError("internal", `Cannot look at a volume: its file system says "${said.trim()}"`);
    },
  };
}

/** A script that lets a user, and all of a pod, write to a folder: nobody else passes the one that it is bound from. */
function owned(folder: string, owner: number): string {
  return `set -e\nchown ${owner}:${owner} ${quoted(folder)}\nchmod 0777 ${quoted(folder)}\n`;
}

/** A script that puts a file system with what a folder has in the place of a file. */
function formatted(image: string, from: string, bytes: number): string {
  const [whole, part] = [quoted(image), quoted(`${image}.part`)];
  const journal = bytes >= imageBytes(JOURNAL_FROM_MIB) ? `-J size=${JOURNAL_BYTES / 1024 ** 2}` : "-O ^has_journal";
  return `set -e
rm -f ${part}
truncate -s ${bytes} ${part}
chmod 0600 ${part}
mkfs.ext4 -q -F -m 0 -b 4096 -i 16384 ${journal} -d ${quoted(from)} ${part}
sync ${part}
mv ${part} ${whole}
`;
}
