/** Every bound of the flags of a call, by name. */

/** Arguments that one call may have. */
export const ARGS_MAX = 4096;
/** UTF-16 units of a flag's name with its path; values are bounded by the machine's command line. */
export const FLAG_NAME_MAX = 1024;
/** Names, indices and keys in the path of one flag. */
export const FLAG_DEPTH_MAX = 64;
/** Largest index of a list's item in a flag's path. */
export const LIST_INDEX_MAX = 9999;
/** Levels of nesting in JSON that somebody typed. */
export const JSON_DEPTH_MAX = 100;
/** UTF-16 units of JSON text, and bytes of a file: as much as a body may have. */
export const TEXT_MAX = 32 * 1024 * 1024;
/** UTF-16 units of a value that an error quotes. */
export const QUOTED_MAX = 60;
/** Names that an error lists. */
export const LISTED_MAX = 12;
/** How many messages deep help lists flags. */
export const ROWS_DEPTH_MAX = 3;
/** Flags that help lists. */
export const ROWS_MAX = 200;
/** How deep a JSON Schema nests lists, maps, choices and references in one field before the rest of it is open. */
export const SCHEMA_DEPTH_MAX = 32;
/** Parts of a JSON Schema that are looked at for one field; one that refers to itself many times would never end. */
export const SCHEMA_PARTS_MAX = 10_000;
