/** Bytes of a `component.yaml`. */
export const MANIFEST_BYTES_MAX = 256 * 1024;
/** Mistakes of one manifest that are told. */
export const MISTAKES_MAX = 50;
/** Variables, files, ports, places to reach, checks or commands that one manifest may name. */
export const MANIFEST_ITEMS_MAX = 256;
/** Words of one command. */
export const COMMAND_WORDS_MAX = 256;
/** Bytes of a file that holds a secret. */
export const SECRET_BYTES_MAX = 64 * 1024;
/** Letters from which a secret is looked for in what commands print; a shorter one would black out half of every text. */
export const SECRET_LETTERS_MIN = 4;
/** Bytes of a package's manifest. */
export const PACKAGE_BYTES_MAX = 4 * 1024 * 1024;
/** Packages that are named in one line. */
export const PACKAGES_TOLD_MAX = 8;
/** How long a check or a command may take where the manifest does not say. */
export const COMMAND_MS = 60_000;
/** How long a place may take to answer where the manifest does not say. */
export const REACH_MS = 2_000;
/** How often places are tried again for which readiness waits. */
export const REACH_AGAIN_MS = 1_000;
/** Bytes of a command's output that are kept; what comes later takes the place of what came first. */
export const OUTPUT_BYTES_MAX = 64 * 1024;
/** Lines of a command's output that are logged, the last ones. */
export const OUTPUT_LINES_MAX = 100;
/** Letters of a line of a command's output that are logged. */
export const OUTPUT_LINE_MAX = 1_000;
/** From SIGTERM to SIGKILL of a command that took too long. */
export const COMMAND_TERM_MS = 1_000;
/** How often a command is looked at that an earlier supervisor started. */
export const COMMAND_LOOK_MS = 50;
/** Levels of lists and records in a value that may be anything. */
export const JSON_DEPTH_MAX = 32;
