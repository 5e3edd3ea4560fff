import { OrreryError } from "@orrery/core";

/**
 * Reads a limit of a request: 0 means the usual one.
 * @throws OrreryError `invalid_argument` when more is asked for than can be given.
 */
export function limitOf(
  field: string,
  asked: number,
  bounds: { readonly otherwise: number; readonly max: number },
): number {
  if (asked <= bounds.max) return asked === 0 ? bounds.otherwise : asked;
  throw new OrreryError(
    "invalid_argument",
    `Cannot give "${asked}" as ${field}: at most ${bounds.max} are given at once`,
  );
}
