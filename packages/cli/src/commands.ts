import type { CommandData } from "./command.ts";
import { ADMIN_COMMANDS } from "./commands/admin.ts";
import { ALERT_COMMANDS } from "./commands/alert.ts";
import { ATTEST_COMMANDS } from "./commands/attest.ts";
import { AUTH_COMMANDS } from "./commands/auth.ts";
import { BILLING_COMMANDS } from "./commands/billing.ts";
import { BROKER_COMMANDS } from "./commands/broker.ts";
import { callCommand } from "./commands/call.ts";
import { checkCommand } from "./commands/check.ts";
import { CLOCK_COMMANDS } from "./commands/clock.ts";
import { completionCommand } from "./commands/completion.ts";
import { CONFIG_COMMANDS } from "./commands/config.ts";
import { DEPLOY_COMMANDS } from "./commands/deploy.ts";
import { describeCommand } from "./commands/describe.ts";
import { DEV_COMMANDS } from "./commands/dev.ts";
import { DOMAIN_COMMANDS } from "./commands/domains.ts";
import { EVENTS_COMMANDS } from "./commands/events.ts";
import { generateCommand } from "./commands/generate.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { KEY_COMMANDS } from "./commands/key.ts";
import { KEYS_COMMANDS } from "./commands/keys.ts";
import { LEASE_COMMANDS } from "./commands/lease.ts";
import { LOG_COMMANDS } from "./commands/log.ts";
import { LOGIN_COMMANDS } from "./commands/login.ts";
import { newCommand } from "./commands/new.ts";
import {
  drainCommand,
  explainCommand,
  nodesCommand,
  scaleCommand,
  topCommand,
  traceCommand,
} from "./commands/operate.ts";
import { CAPACITY_COMMANDS, CIRCUIT_COMMANDS, DEAD_COMMANDS } from "./commands/operate-groups.ts";
import { POD_COMMANDS } from "./commands/pod.ts";
import { RUNNING_POD_COMMANDS } from "./commands/pod-running.ts";
import { PROVIDER_COMMANDS } from "./commands/provider.ts";
import { RESOURCE_COMMANDS } from "./commands/resources.ts";
import { runCommand } from "./commands/run.ts";
import { servicesCommand } from "./commands/services.ts";
import { SIGNUP_COMMANDS } from "./commands/signup.ts";
import { SIM_COMMANDS } from "./commands/sim/index.ts";
import { SPACE_COMMANDS } from "./commands/space.ts";
import { STORE_COMMANDS } from "./commands/store.ts";
import { applyCommand, superviseCommand } from "./commands/supervise.ts";
import { upCommand } from "./commands/up.ts";
import { UPKEEP_COMMANDS } from "./commands/upkeep.ts";
import { USAGE_COMMANDS } from "./commands/usage.ts";
import { USER_COMMANDS } from "./commands/users.ts";
import { versionCommand } from "./commands/version.ts";
import { WALLET_COMMANDS } from "./commands/wallet.ts";
import { findGroup } from "./groups.ts";
import { suggest } from "./suggest.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandData[] = [
  newCommand,
  generateCommand,
  checkCommand,
  runCommand,
  ...DEPLOY_COMMANDS,
  ...LOG_COMMANDS,
  superviseCommand,
  applyCommand,
  ...KEYS_COMMANDS,
  upCommand,
  ...UPKEEP_COMMANDS,
  ...ADMIN_COMMANDS,
  ...ALERT_COMMANDS,
  ...SIGNUP_COMMANDS,
  ...LOGIN_COMMANDS,
  ...RESOURCE_COMMANDS,
  ...AUTH_COMMANDS,
  ...DOMAIN_COMMANDS,
  ...USER_COMMANDS,
  ...USAGE_COMMANDS,
  ...CONFIG_COMMANDS,
  ...EVENTS_COMMANDS,
  ...BROKER_COMMANDS,
  ...STORE_COMMANDS,
  ...SPACE_COMMANDS,
  ...BILLING_COMMANDS,
  callCommand,
  servicesCommand,
  describeCommand,
  inspectCommand,
  nodesCommand,
  topCommand,
  traceCommand,
  explainCommand,
  scaleCommand,
  drainCommand,
  ...CAPACITY_COMMANDS,
  ...CIRCUIT_COMMANDS,
  ...DEAD_COMMANDS,
  ...CLOCK_COMMANDS,
  ...SIM_COMMANDS,
  ...POD_COMMANDS,
  ...RUNNING_POD_COMMANDS,
  ...LEASE_COMMANDS,
  ...DEV_COMMANDS,
  ...WALLET_COMMANDS,
  ...ATTEST_COMMANDS,
  ...PROVIDER_COMMANDS,
  ...KEY_COMMANDS,
  versionCommand,
  completionCommand,
];

/** A command that was typed, and the words behind its name. */
export interface FoundCommand {
  readonly command: CommandData;
  readonly others: readonly string[];
}

/** Finds the command that words begin with, by its name or one of its others. */
export function findCommand(words: readonly string[]): FoundCommand | undefined {
  const [first = "", second = ""] = words;
  const isCalled = (name: string) => (command: CommandData) =>
    command.name === name || command.aliases?.includes(name) === true;
  const grouped = COMMANDS.find(isCalled(`${first} ${second}`));
  if (grouped !== undefined) return { command: grouped, others: words.slice(2) };
  const usual = usualOf(first, second);
  if (usual !== undefined) return { command: usual, others: words.slice(1) };
  const command = COMMANDS.find(isCalled(first));
  return command === undefined ? undefined : { command, others: words.slice(1) };
}

/** The command that the name of a group alone stands for, unless a help or another of its commands was meant. */
function usualOf(group: string, second: string): CommandData | undefined {
  const usual = findGroup(group)?.usual;
  if (usual === undefined || second === "--help" || second === "-h") return undefined;
  const own = COMMANDS.filter(({ name }) => name.startsWith(`${group} `)).map(({ name }) =>
    name.slice(group.length + 1),
  );
  if (suggest(second, own).length > 0) return undefined;
  return COMMANDS.find(({ name }) => name === `${group} ${usual}`);
}
