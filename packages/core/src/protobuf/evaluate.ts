let allowed: boolean | undefined;

/** Tells whether code may be compiled at run time; a page's content security policy, or a flag of the runtime, may forbid it. Asked once. */
export function mayEvaluate(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function("return true")() === true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}

/**
 * Runs the body of a function in strict mode, with the names of `scope` as its parameters, and gives what it returns; undefined where
 * compiling is forbidden. The body must hold nothing that came from outside except as JSON text or numbers.
 */
export function evaluate(body: string, scope: Readonly<Record<string, unknown>>): unknown {
  if (!mayEvaluate()) return undefined;
  return new Function(...Object.keys(scope), `"use strict";\n${body}`)(...Object.values(scope));
}
