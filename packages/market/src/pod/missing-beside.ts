import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { isFolder } from "./image-name.ts";
import type { Pod } from "./pod.ts";

/** Says which folders and files that a pod names are not there, beside its file; a line each. @param folder whole path of the folder that the file is in */
export function missingBeside(pod: Pod, folder: string): readonly string[] {
  const images = pod.containers
    .filter(({ image }) => isFolder(image) && !isDirectory(join(folder, image.source)))
    .map(
      ({ name, image }) => `image of container "${name}": there is no folder "${image.source}", make it or mend image`,
    );
  const secrets = pod.secrets
    .filter(({ file }) => !existsSync(join(folder, file)))
    .map(({ name, file }) => `secret "${name}": there is no file "${file}", write it or mend secrets`);
  return [...images, ...secrets];
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
