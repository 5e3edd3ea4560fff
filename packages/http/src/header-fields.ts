/** Fields of a request's header, by names in small letters. The web's own `Headers` are such, and cost more to make than a short call does. */
export type RequestFields = Pick<Headers, "get" | "has"> & Iterable<readonly [name: string, value: string]>;

/** Fields of an answer's header, likewise. */
export type ReplyFields = Pick<Headers, "set" | "append"> & Iterable<readonly [name: string, value: string]>;

/** Fields as Node has them. */
export type NodeFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Reads the fields of a request as Node has them, without those that HTTP/2 puts before them. */
export function requestFields(headers: NodeFields): RequestFields {
  return new ReadFields(headers);
}

/** Makes fields of an answer. */
export function replyFields(fields: Readonly<Record<string, string>>): ReplyFields {
  return new MapFields(Object.entries(fields));
}

class ReadFields implements RequestFields {
  readonly #headers: NodeFields;

  constructor(headers: NodeFields) {
    this.#headers = headers;
  }

  get(name: string): string | null {
    const value = name.startsWith(":") ? undefined : this.#headers[name];
    return typeof value === "object" ? value.join(", ") : (value ?? null);
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  *[Symbol.iterator](): Iterator<readonly [string, string]> {
    for (const [name, value] of Object.entries(this.#headers)) {
      if (value === undefined || name.startsWith(":")) continue;
      for (const one of typeof value === "object" ? value : [value]) yield [name, one];
    }
  }
}

class MapFields extends Map<string, string> implements ReplyFields {
  append(name: string, value: string): void {
    const before = this.get(name);
    this.set(name, before === undefined ? value : `${before}, ${value}`);
  }
}
