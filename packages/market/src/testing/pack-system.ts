import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PackedImage } from "../image/make-archive.ts";
import { packFolder } from "../image/pack-folder.ts";

const SCRIPT = `
echo "I am $(id -u) of $(id -g) in $PWD"
echo kept > /var/lib/data/file && cat /var/lib/data/file
ls /usr 2>/dev/null || echo "no /usr"
echo done
exec sleep 3600`;

/** Packs a small system of its own, a shell and four programs of this machine with their libraries, whose user is named and not the first. */
export async function packSystem(): Promise<PackedImage> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-system-"));
  try {
    for (const program of ["sh", "cat", "id", "ls", "sleep"]) {
      const file = realpathSync(execFileSync("/bin/sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim());
      const libraries = execFileSync("ldd", [file], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g);
      put(folder, file, `/bin/${program}`);
      for (const [, library = ""] of libraries) put(folder, library, library);
    }
    mkdirSync(join(folder, "etc"));
    writeFileSync(join(folder, "etc/passwd"), "root:x:0:0::/:/bin/sh\nme:x:1000:1001::/srv:/bin/sh\n");
    const file = { base: "none", user: "me", workingDir: "/srv", command: ["/bin/sh", "-c", SCRIPT] };
    writeFileSync(join(folder, "image.yaml"), JSON.stringify(file));
    return await packFolder(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function put(folder: string, from: string, to: string): void {
  mkdirSync(dirname(join(folder, to)), { recursive: true });
  copyFileSync(realpathSync(from), join(folder, to));
}
