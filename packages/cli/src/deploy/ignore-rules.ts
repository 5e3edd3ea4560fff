import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ignore, { type Ignore } from "ignore";

/** What stays where it is, in the folder of a source and below it. */
export interface IgnoreRules {
  /** The same with what the ignore files of a folder below say, which come last. */
  at(folder: string): IgnoreRules;
  /** Whether a file or a folder, by its absolute path, stays. */
  ignores(path: string, isFolder: boolean): boolean;
}

/** Files that say what stays; of two in one folder the second has the last word. */
const FILES = [".gitignore", ".orreryignore"] as const;
/** What stays unless an ignore file has it back: what others make, and what is nobody's to read. */
const ALWAYS = ["node_modules", ".env", ".env.*", "!.env.example"];
/** Part of no bundle. */
const NEVER: ReadonlySet<string> = new Set([".git", ".orrery"]);

interface Level {
  readonly folder: string;
  readonly rules: Ignore;
}

/** Begins with what always stays. */
export function createIgnoreRules(folder: string): IgnoreRules {
  return rulesOf([{ folder, rules: ignore().add(ALWAYS) }]);
}

function rulesOf(levels: readonly Level[]): IgnoreRules {
  return {
    at: (folder) => {
      const files = FILES.map((name) => join(folder, name)).filter((file) => existsSync(file));
      if (files.length === 0) return rulesOf(levels);
      const rules = ignore();
      for (const file of files) rules.add(readFileSync(file, "utf8"));
      return rulesOf([...levels, { folder, rules }]);
    },
    ignores: (path, isFolder) => {
      if (NEVER.has(path.slice(path.lastIndexOf("/") + 1))) return true;
      let isIgnored = false;
      for (const { folder, rules } of levels) {
        const inside = relative(folder, path);
        // What is asked about lies in a folder that does not stay: where these rules leave that one, a later rule has it back, with all that is in it.
        if (inside.includes("/") && rules.ignores(`${dirname(inside)}/`)) continue;
        const { ignored, unignored } = rules.test(`${inside}${isFolder ? "/" : ""}`);
        isIgnored = ignored || (isIgnored && !unignored);
      }
      return isIgnored;
    },
  };
}
