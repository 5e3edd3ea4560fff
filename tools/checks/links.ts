import { posix } from "node:path";
import type { Finding } from "../lib/finding.ts";
import { anchorsOf, linksOf } from "../lib/markdown.ts";
import type { SourceFile } from "../lib/project.ts";

/**
 * Checks that relative links of pages lead to a file or folder of the repository, and their anchors to a heading.
 * `files` holds every path from the root; links to other hosts are not followed.
 */
export function checkLinks(pages: readonly SourceFile[], files: ReadonlySet<string>): Finding[] {
  const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page.text)]));
  const places = new Set([...files, ...[...files].flatMap(foldersOf)]);
  return pages.flatMap((page) =>
    linksOf(page.text).flatMap((link) => {
      if (/^[a-z][a-z+.-]*:/i.test(link.target)) return [];
      const [path = "", anchor] = link.target.split("#");
      const target = path === "" ? page.path : posix.join(posix.dirname(page.path), path).replace(/\/$/, "");
      const say = (what: string, mend: string): Finding[] => [{ file: page.path, line: link.line, what, mend }];
      if (!places.has(target))
        return say(`links to "${link.target}", which is not there`, "mend the path, from this page's folder");
      if (anchor === undefined || anchors.get(target)?.has(anchor) !== false) return [];
      return say(
        `links to "#${anchor}", which is no heading of ${target}`,
        "name a heading as GitHub does: small, hyphens",
      );
    }),
  );
}

function foldersOf(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index).join("/")).map((folder) => (folder === "" ? "." : folder));
}
