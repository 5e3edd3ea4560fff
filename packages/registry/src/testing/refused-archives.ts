import { BUNDLE_DEPTH_MAX } from "../bundles/limits.ts";
import type { TestEntry } from "./make-archive.ts";

/** Every shape that no archive may have, with what the refusal says. */
export const REFUSED_ARCHIVES: readonly (readonly [string, readonly TestEntry[], string])[] = [
  ["an absolute path", [{ path: "/etc/passwd" }], "would lead out"],
  ["a way out", [{ path: "../x" }], '".." is not allowed'],
  ["a way out in the middle", [{ path: "a/../../x" }], '".." is not allowed'],
  ["a dot", [{ path: "./x" }], '"." is not allowed'],
  ["a way out of another system", [{ path: "..\\x" }], "means another file"],
  ["an empty name", [{ path: "a//x" }], "a name is missing"],
  ["a symbolic link", [{ path: "l", type: "SymbolicLink", linkpath: "/etc" }], "it is a symbolic link"],
  ["a hard link", [{ path: "a" }, { path: "l", type: "Link", linkpath: "a" }], "it is a hard link"],
  ["a device of characters", [{ path: "null", type: "CharacterDevice" }], "it is a device"],
  ["a device of blocks", [{ path: "sda", type: "BlockDevice" }], "it is a device"],
  ["a pipe", [{ path: "p", type: "FIFO" }], "it is a pipe"],
  [
    "a header for all",
    [{ path: "g", type: "GlobalExtendedHeader", content: "10 path=x\n" }],
    "tar calls it GlobalExtendedHeader",
  ],
  ["a name twice", [{ path: "a" }, { path: "a", content: "2" }], "it is there twice"],
  ["capitals", [{ path: "a/x" }, { path: "A/y" }], "by capitals alone"],
  ["a file that is a directory", [{ path: "a" }, { path: "a/b" }], "or is a directory"],
  ["a control character", [{ path: "a\u0007" }], "control characters"],
  ["depth", [{ path: `${"d/".repeat(BUNDLE_DEPTH_MAX)}x` }], "up to"],
];
