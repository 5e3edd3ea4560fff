import { randomBytes } from "node:crypto";

/** The address that a process opens, and what tells its node apart from all others that run. */
export interface OwnAddress {
  readonly address: string;
  /** Undefined where its number among the processes does. */
  readonly id: string | undefined;
}

const ANY = /^(ipc:\/\/.*\/)\*$/;
const NAME_BYTES = 8;

/** An address as it is said; of `ipc://FOLDER/*` one with a name of its own: in a cage, processes do not know their number outside. */
export function ownAddress(said: string): OwnAddress {
  const [, folder] = ANY.exec(said) ?? [];
  if (folder === undefined) return { address: said, id: undefined };
  const id = randomBytes(NAME_BYTES).toString("hex");
  return { address: `${folder}${id}`, id };
}
