import { type Component, defineComponent } from "@orrery/core";
import { SignupService } from "../gen/orrery/signup/v1/signup_pb.ts";
import { SIGNUP_INSTANCES } from "./limits.ts";
import type { Signups, SignupView } from "./signups.ts";

/** Makes the component by which strangers come in: `orrery.signup.v1.SignupService`. Who calls does not matter, but what he shows. */
export function createSignupComponent(signups: Signups): Component {
  return defineComponent(
    SignupService,
    () => ({
      begin: async ({ email, join }) => {
        const { signup, codeUntil } = await signups.begin(email, join === "" ? {} : { join });
        return { signup, codeUntil: BigInt(codeUntil) };
      },
      confirm: async ({ signup, code }) => stateMessage(await signups.confirm(signup, code)),
      order: async ({ signup, ...wish }) => stateMessage(await signups.order(signup, wish)),
      get: async ({ signup }) => stateMessage(await signups.get(signup)),
      paymentPage: async ({ signup, returnTo }) => ({ url: await signups.methodPage(signup, returnTo) }),
      pay: async ({ signup }) => stateMessage(await signups.pay(signup)),
      abandon: async ({ signup }) => stateMessage(await signups.abandon(signup)),
    }),
    { instances: SIGNUP_INSTANCES },
  );
}

function stateMessage({ open, ...view }: SignupView) {
  return { ...view, ...(open && { open: { ...open, amount: BigInt(open.amount) } }) };
}
