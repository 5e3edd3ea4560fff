/** Variables that Node, the machine's libraries and ours read when a process starts, and not again: they cannot be given to one that runs. */
const READ_AT_START =
  /^((NODE|LD|UV|SSL|OPENSSL|MALLOC|GLIBC|ICU|LC|BUF)_\w*|LANG|LANGUAGE|((https?|no)_proxy)|((HTTPS?|NO)_PROXY))$/;

/** Variables by name; what is undefined is not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Whether a process that was started with some variables may be given others: those agree that are read at the start. */
export function hasSameStart(had: Variables, wanted: Variables): boolean {
  const names = new Set([...Object.keys(had), ...Object.keys(wanted)]);
  return [...names].every((name) => !isReadAtStart(name) || had[name] === wanted[name]);
}

function isReadAtStart(name: string): boolean {
  return name !== "NODE_ENV" && READ_AT_START.test(name); // Node itself asks for that one nowhere.
}
