/** What a visitor already has of a file, by the headers of his request. */
export interface Conditions {
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifRange: string | undefined;
}

/** How a file is told from what it was before. */
export interface Validators {
  /** With its quotes. */
  readonly etag: string;
  /** In whole seconds of HTTP; absent where it is not known. */
  readonly lastModified: string | undefined;
}

/** Whether the visitor has the file as it is: RFC 9110, 13.2.2. */
export function isUnchanged({ ifNoneMatch, ifModifiedSince }: Conditions, { etag, lastModified }: Validators): boolean {
  if (ifNoneMatch !== undefined) return ifNoneMatch.trim() === "*" || tagsIn(ifNoneMatch).includes(etag);
  if (ifModifiedSince === undefined || lastModified === undefined) return false;
  const since = Date.parse(ifModifiedSince);
  return !Number.isNaN(since) && Date.parse(lastModified) <= since;
}

/** Whether a range may be cut from the file: only where it is what the visitor has the rest of. */
export function isRangeValid({ ifRange }: Conditions, { etag, lastModified }: Validators): boolean {
  if (ifRange === undefined) return true;
  return ifRange.includes('"') ? ifRange.trim() === etag : ifRange === lastModified;
}

/** The entity tags of a list; weak and strong ones count alike. */
function tagsIn(list: string): readonly string[] {
  return list.match(/"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];
}
