/** The space that a request is for: its `Host`, in small letters, without port and final dot; undefined where that is no name. */
export function spaceOf(host: string | undefined): string | undefined {
  const name = /^([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)\.?(?::\d{0,5})?$/.exec(host ?? "")?.[1];
  return name === undefined || name.length > 253 ? undefined : name.toLowerCase();
}
