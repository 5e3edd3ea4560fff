import { fold } from "@orrery/core/edit-distance";
import type { MethodContract } from "@orrery/core/internal";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import type { ReachedService } from "../reach/reach.ts";
import { didYouMean, suggest } from "../suggest.ts";

/**
 * Finds a method by its name, in code or on the wire, or by that in any case and with "-" or "_" between its words.
 * @throws CommandError when there is none, or several.
 */
export function findMethod({ name, contract }: ReachedService, said: string): MethodContract {
  const methods = [...contract.methods.values()];
  const exact = methods.find((method) => method.name === said || method.localName === said);
  if (exact !== undefined) return exact;
  const found = methods.filter((method) => fold(method.name) === fold(said));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const names = methods.map((method) => method.name);
  if (found.length > 1)
    throw usageError(`Cannot tell which method "${said}" is: it may be ${found.map((one) => one.name).join(" or ")}`);
  const near = didYouMean(suggest(said, names));
  const why = near === "" ? `its methods are ${names.join(", ")}` : near;
  throw new CommandError(`Cannot find method "${said}" of "${name}": ${why}`, {
    exit: EXIT.notFound,
    tip: `orrery ${name} --help`,
  });
}
