/** What pictures of a type begin with; -1 stands for any byte. */
const BEGINNINGS: readonly (readonly [type: string, bytes: readonly number[]])[] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", [0x52, 0x49, 0x46, 0x46, -1, -1, -1, -1, 0x57, 0x45, 0x42, 0x50]],
];

/** The type of a picture by its first bytes, whatever its sender calls it; undefined for what is none. */
export function pictureType(bytes: Uint8Array): string | undefined {
  return BEGINNINGS.find(([, wanted]) => wanted.every((byte, at) => byte < 0 || bytes[at] === byte))?.[0];
}
