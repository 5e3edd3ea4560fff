import type { GroupData } from "./command.ts";

/** Groups of commands, in the order of the help. */
export const GROUPS: readonly GroupData[] = [
  { name: "admin", summary: "Look after a platform that others live on" },
  { name: "alert", summary: "Say who is alerted when something goes wrong" },
  { name: "attest", summary: "Look at evidence of what a provider runs, without asking anybody", usual: "verify" },
  { name: "auth", summary: "Say who may do what with resources" },
  { name: "billing", summary: "Pay for a space, see its invoices, and end it" },
  { name: "broker", summary: "Publish and take messages that nobody keeps" },
  { name: "capacity", summary: "Show and change how much of each component runs", usual: "ls" },
  { name: "circuit", summary: "Show and move breakers, and change throttles", usual: "ls" },
  { name: "clock", summary: "Move the clock of what several processes run together" },
  { name: "config", summary: "Read, set and watch the config of a space" },
  { name: "dead", summary: "List, retry and drop kept messages that were given up", usual: "ls" },
  { name: "dev", summary: "Run a whole market on this machine, for trying", usual: "status" },
  { name: "domain", summary: "Have domains of your own lead to a space", usual: "ls" },
  { name: "env", summary: "Name the platforms that you work with, and choose one", usual: "ls" },
  { name: "events", summary: "Publish and take durable events, and look at their topics and groups" },
  { name: "fsck", summary: "Look whether what is kept fits together" },
  { name: "invite", summary: "Invite people to a space, list and revoke invites", usual: "add" },
  { name: "key", summary: "Keep, list and revoke keys of images and secrets that were sent away", usual: "ls" },
  { name: "keys", summary: "Make and show the keys of hosts and of those who type commands" },
  { name: "lease", summary: "Open, fund, challenge and settle leases of rented capacity", usual: "ls" },
  { name: "log", summary: "Say from which level on lines are kept, and read those of several apps", usual: "ls" },
  { name: "pod", summary: "Describe pods, and run them on rented capacity" },
  { name: "provider", summary: "Sell the capacity of this machine" },
  { name: "quota", summary: "Bound how much content resources may hold", usual: "ls" },
  { name: "secrets", summary: "Turn over the key that secrets are closed with" },
  { name: "sim", summary: "Run, explore and replay scenarios in a modelled network" },
  { name: "space", summary: "Export, import, delete and rename a space" },
  { name: "store", summary: "Read, set and list the entries of a space's store" },
  { name: "token", summary: "Make, list and revoke tokens by which programs act", usual: "ls" },
  { name: "user", summary: "Add, list and remove users, and set passwords", usual: "ls" },
  { name: "wallet", summary: "Make and list the wallets that pay for rented capacity", usual: "ls" },
];

/** Finds a group by its name. */
export function findGroup(name: string): GroupData | undefined {
  return GROUPS.find((group) => group.name === name);
}
