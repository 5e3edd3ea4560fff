import type { Caller, OpenCall } from "./caller.ts";
import type { MethodContract } from "./contract.ts";
import { failure } from "./orrery-error.ts";

/**
 * Lets a signal end a call. Gives what ends the watch, for when the call has ended; undefined when the signal has aborted already, and the
 * call with it. `action` is what cannot be done then, such as `call`.
 */
export function watchAbort(
  caller: Caller,
  call: OpenCall & { readonly method: MethodContract },
  signal: AbortSignal,
  action: string,
) {
  if (signal.aborted) {
    const text = `Cannot ${action} "${call.method.name}": its signal had aborted before`;
    call.fail(failure("withdrawn", text, { where: caller.node }));
    return undefined;
  }
  const onAbort = () => caller.cancel(call, signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}
