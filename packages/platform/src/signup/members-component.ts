import { type Component, defineComponent } from "@orrery/core";
import { MembersService } from "../gen/orrery/signup/v1/members_pb.ts";
import type { Invite } from "./invites.ts";
import type { Members } from "./members.ts";

/** Makes the component by which people come into Spaces and leave: `orrery.signup.v1.MembersService`. Whoever calls is the message's agent. */
export function createMembersComponent(members: Members): Component {
  return defineComponent(MembersService, () => ({
    invite: async ({ space, email, own }, { agent }) => ({
      invite: inviteMessage(await members.invite({ space, email, isOwn: own }, { agent })),
    }),
    listInvites: async ({ space, own }, { agent }) => ({
      invites: (await members.invites({ space, isOwn: own }, { agent })).map(inviteMessage),
    }),
    revokeInvite: async ({ space, email, own }, { agent }) => {
      await members.revoke({ space, email, isOwn: own }, { agent });
      return {};
    },
    deleteSpace: async (wish, { agent }) => ({ revision: BigInt(await members.deleteSpace(wish, { agent })) }),
    leave: async (_, { agent }) => {
      await members.leave({ agent });
      return {};
    },
  }));
}

function inviteMessage({ at, until, ...invite }: Invite) {
  return { ...invite, at: BigInt(at), until: BigInt(until) };
}
