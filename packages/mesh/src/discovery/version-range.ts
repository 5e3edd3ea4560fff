import { OrreryError } from "@orrery/core";
import maxSatisfying from "semver/ranges/max-satisfying.js";
import validRange from "semver/ranges/valid.js";

/**
 * The highest of some versions that a range such as `^1.2.0` takes; undefined when it takes none. Ranges are those of npm; a pre-release is
 * taken only by a range that names one of the same version.
 * @throws OrreryError `invalid_argument` for what is no range.
 */
export function highestIn(range: string, versions: readonly string[]): string | undefined {
  if (validRange(range) === null) {
    const text = `Cannot find version "${range}": it is neither a version nor a range, write such as 1.2.3, ^1.2.0 or "1.2 || 2"`;
    throw new OrreryError("invalid_argument", text);
  }
  return maxSatisfying(versions, range) ?? undefined;
}
