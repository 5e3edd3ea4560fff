/** A release: its version and the paragraphs that tell its changes. */
export interface Release {
  readonly version: string;
  readonly fragments: readonly string[];
}

/**
 * Gives the changelog with a release on top, each fragment an item.
 * @throws Error when the version is none or is there already, or when nothing changed
 */
export function addRelease(changelog: string, release: Release): string {
  const { version, fragments } = release;
  const refuse = (why: string): Error => new Error(`Cannot release "${version}": ${why}`);
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) throw refuse("that is no version, use one like 0.2.0");
  if (changelog.includes(`\n## ${version}\n`)) throw refuse("the changelog has it already, choose the next");
  if (fragments.length === 0) throw refuse("changes/ is empty, there is nothing to tell");
  const items = fragments.map((text) => `- ${text.trim().replaceAll("\n", "\n  ")}`).join("\n");
  const at = changelog.indexOf("\n## ");
  const [head, tail] = at < 0 ? [changelog.trimEnd(), ""] : [changelog.slice(0, at).trimEnd(), changelog.slice(at)];
  return `${head}\n\n## ${version}\n\n${items}\n${tail}`;
}
