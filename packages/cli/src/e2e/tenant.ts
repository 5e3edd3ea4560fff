import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@orrery/core";
import type { CommandInput } from "../command.ts";
import { CommandError } from "../command-error.ts";
import { ANSWER_WAIT, SIGNUP_LOOK_MS, SIGNUP_LOOKS_MAX } from "./limits.ts";
import type { Mailbox } from "./mailbox.ts";
import { createTypist, type Typist } from "./typist.ts";

/** Somebody who signs up for a Space of his own, with a home directory of his own. */
export interface Tenant extends Typist {
  readonly space: string;
  readonly email: string;
  readonly folder: string;
  /** Signs up, with the code that was mailed; what is to be paid, `pay` has paid. */
  signUp(pay: (invoice: string) => Promise<unknown>): Promise<void>;
}

/** Options of `createTenant`. */
export interface TenantOptions {
  readonly space: string;
  readonly email: string;
  readonly password: string;
  /** Of the plan; empty: the first. */
  readonly plan: string;
  /** A folder of his own. */
  readonly folder: string;
  /** Where users of the platform come in. */
  readonly http: string;
  /** Whether that may be without TLS on another machine. */
  readonly isInsecure: boolean;
  readonly path: string;
  readonly mailbox: Mailbox;
  /** The command of which he is a part. */
  readonly input: Pick<CommandInput, "type">;
  readonly clock: Clock;
}

/** Makes one, who does not know the platform yet. */
export function createTenant(options: TenantOptions): Tenant {
  const { space, email, password, plan, folder, http, isInsecure, path, mailbox, clock, input } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const env = { HOME: folder, PATH: path };
  const typist = createTypist({ input, env, cwd: folder, flags: [`--timeout=${ANSWER_WAIT}`] });
  const insecure = isInsecure ? ["--insecure"] : [];
  const signup = async (words: readonly string[], secrets?: readonly string[]) => {
    const said = await typist.done(["signup", email, ...words, ...insecure, "--output=json"], secrets);
    return JSON.parse(said) as {
      readonly stage: string;
      readonly why: string;
      readonly open?: { readonly id: string };
    };
  };
  return {
    ...{ space, email, folder },
    ...typist,
    signUp: async (pay) => {
      await createTypist({ input, env, cwd: folder }).done(["env", "add", "e2e", http, "--use"]);
      await signup([]);
      const code = await mailbox.code(email);
      const order = [`--space=${space}`, `--code=${code}`, ...(plan === "" ? [] : [`--plan=${plan}`])];
      let state = await signup(order, [password, password]);
      if (state.open !== undefined) await pay(state.open.id);
      for (let looks = 0; state.stage !== "done" && state.stage !== "telling"; looks++) {
        if (state.stage === "method" || state.stage === "undone" || looks >= SIGNUP_LOOKS_MAX)
          throw new CommandError(
            `Cannot sign up for ${space}: it is ${state.stage}${state.why && `, ${state.why}`}`,
            state.stage === "method" ? { tip: "orrery admin e2e --plan=NAME, of one that costs nothing" } : {},
          );
        await clock.sleep(looks === 0 ? 0 : SIGNUP_LOOK_MS);
        state = await signup([]);
      }
      mkdirSync(join(folder, "app"), { recursive: true });
    },
  };
}
