import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@orrery/core";
import { CommandError, EXIT } from "../command-error.ts";
import { APP, appFiles, METHOD } from "./e2e-app.ts";
import { RUN_WAIT } from "./limits.ts";
import { askHost } from "./system-ask-host.ts";
import type { Tenant } from "./tenant.ts";
import type { Typist } from "./typist.ts";

/** Who takes part, and where. */
export interface StoryOptions {
  /** Who runs the platform: invites, says what is paid, and takes away what is left. */
  readonly operator: Typist;
  readonly first: Tenant;
  readonly second: Tenant;
  /** Where hosts of Spaces are served, such as `http://127.0.0.1:7780`. */
  readonly web: (space: string) => string;
  readonly clock: Clock;
}

/** One step of the story: what it is, and what does it; gives what it found. */
export interface StoryStep {
  readonly name: string;
  run(): Promise<string>;
}

const NAME = "Ada";

/** The story of everybody who hosts something: each step counts on those before. */
export function storyOf({ operator, first, second, web, clock }: StoryOptions): readonly StoryStep[] {
  const { space } = first;
  const app = `${space}:${APP}`;
  const where = [`--space=${space}`];
  const greet = () => askHost({ web: web(space), host: space, path: "/greet" }, { name: NAME });
  const signUp = async (tenant: Tenant) => {
    await operator.done(["invite", "add", tenant.email, "--own"]);
    await tenant.signUp((invoice) => operator.done(["billing", "mark-paid", invoice]));
    return tenant.space;
  };
  return [
    { name: "sign up", run: () => signUp(first) },
    {
      name: "run",
      run: async () => {
        writeApp(first, "Hello");
        await first.done(["run", "app", ...where, `--name=${APP}`, `--wait=${RUN_WAIT}`]);
        return app;
      },
    },
    { name: "status", run: () => phaseOf(first, where) },
    { name: "config, store and events", run: () => keep(first, where) },
    { name: "call", run: async () => expectGreeting(await call(first, where), "Hello") },
    {
      name: "second tenant",
      run: async () => {
        await signUp(second);
        return expectStranger(second, { space, app });
      },
    },
    {
      name: "call by HTTP",
      run: async () => {
        const { status } = await greet();
        if (status !== 404) throw new CommandError(`a visitor whom nobody let in was answered ${status}, not 404`);
        await first.done(["auth", "grant", "execute", "on", app, "to", "anyone"]);
        const answer = await greet();
        return expectGreeting(answer.status === 200 ? answer.text : JSON.stringify(answer), "Hello");
      },
    },
    { name: "update", run: () => update(first, { where, greet, clock }) },
    {
      name: "kill",
      run: async () => {
        await first.done(["kill", app, `--wait=${RUN_WAIT}`]);
        const { status } = await greet();
        if (status === 200) throw new CommandError(`${app} answers still`);
        return `its host answers ${status}`;
      },
    },
    {
      name: "status is empty",
      run: async () => {
        const said = await first.done(["status", ...where, "--output=json"]);
        if ((JSON.parse(said) as readonly unknown[]).length > 0) throw new CommandError(`there is ${said}`);
        return (await first.done(["status", ...where])).trim();
      },
    },
  ];
}

function writeApp({ folder }: Tenant, words: string): void {
  for (const [name, text] of Object.entries(appFiles(words))) writeFileSync(join(folder, "app", name), text);
}

async function phaseOf(tenant: Tenant, where: readonly string[]): Promise<string> {
  const apps = JSON.parse(await tenant.done(["status", ...where, "--output=json"])) as readonly {
    readonly phase: string;
  }[];
  if (apps.length === 1 && apps[0]?.phase === "running") return "running";
  throw new CommandError(`it is not running: ${JSON.stringify(apps)}`);
}

/** Puts something into everything that a Space keeps, and takes it out again. */
async function keep(tenant: Typist, where: readonly string[]): Promise<string> {
  await tenant.done(["config", "set", "shop.open", "true", ...where]);
  await tenant.done(["store", "set", "orders/1", "open", ...where]);
  await tenant.done(["events", "publish", "orders", "one", "two", ...where]);
  const read = {
    config: await tenant.done(["config", "get", "shop.open", ...where]),
    store: await tenant.done(["store", "get", "orders/1", ...where]),
    events: await tenant.done(["events", "consume", "orders", "billing", "--count=2", "--from=earliest", ...where]),
  };
  const wanted = { config: /^true$/m, store: /^open$/m, events: /one[\s\S]*two/ };
  for (const [what, text] of Object.entries(read))
    if (!wanted[what as keyof typeof wanted].test(text)) throw new CommandError(`${what} gave ${text.trim()}`);
  return "what was put in came out";
}

function call(tenant: Typist, where: readonly string[]): Promise<string> {
  return tenant.done([APP, "greet", `--name=${NAME}`, ...where]);
}

function expectGreeting(said: string, words: string): string {
  const wanted = `${words}, ${NAME}!`;
  if (textOf(said) === wanted) return wanted;
  throw new CommandError(`it answered ${said.trim()} and not "${wanted}"`);
}

function textOf(said: string): unknown {
  try {
    return (JSON.parse(said) as { readonly text?: unknown }).text;
  } catch {
    return undefined;
  }
}

/** Another tenant must neither see the Space, nor anything in it, nor call what runs there. */
async function expectStranger(
  stranger: Tenant,
  { space, app }: { readonly space: string; readonly app: string },
): Promise<string> {
  const where = `--space=${space}`;
  const tries: readonly (readonly string[])[] = [
    ["get", space],
    ["get", app],
    ["status", where],
    [APP, "greet", `--name=${NAME}`, where],
    ["send", app, METHOD, JSON.stringify({ name: NAME })],
    ["kill", app],
    ["set", app, "--set=source=stolen"],
    ["config", "get", where],
    ["config", "set", "a", "1", where],
    ["store", "ls", where],
    ["events", "topics", where],
    ["billing", "get", where],
    ["invite", "ls", where],
  ];
  for (const words of tries) {
    const { exit, out, err } = await stranger.type(words);
    if (exit !== EXIT.refused && exit !== EXIT.notFound)
      throw new CommandError(`orrery ${words.join(" ")} of ${stranger.space} ended with ${exit}: ${out}${err}`);
  }
  const seen = await stranger.done(["ls", "**"]);
  if (seen.includes(space)) throw new CommandError(`${stranger.space} sees ${seen}`);
  return `${tries.length} tries of ${stranger.space} refused`;
}

/** Puts another version in its place while it is called all the time. */
async function update(
  tenant: Tenant,
  {
    where,
    greet,
    clock,
  }: {
    readonly where: readonly string[];
    readonly greet: () => ReturnType<typeof askHost>;
    readonly clock: Clock;
  },
): Promise<string> {
  const said = new Map<string, number>();
  let isOver = false;
  const calling = async () => {
    while (!isOver) {
      const answer = await greet().catch((error: unknown) => ({ status: 0, text: String(error) }));
      const text = answer.status === 200 ? String(textOf(answer.text)) : `${answer.status} ${answer.text}`;
      said.set(text, (said.get(text) ?? 0) + 1);
      await clock.sleep(5);
    }
  };
  const callers = [calling(), calling()];
  writeApp(tenant, "Good day");
  const updating = tenant.done(["update", "app", ...where, `--name=${APP}`, `--wait=${RUN_WAIT}`]);
  await updating.finally(() => {
    isOver = true;
  });
  await Promise.all(callers);
  const after = await greet();
  expectGreeting(after.text, "Good day");
  const known = [`Hello, ${NAME}!`, `Good day, ${NAME}!`];
  const wrong = [...said.keys()].filter((text) => !known.includes(text));
  if (wrong.length > 0) throw new CommandError(`a call failed meanwhile: ${wrong.join("; ")}`);
  if (!said.has(known[0] ?? "")) throw new CommandError("no call was answered before the new version came");
  const all = [...said.values()].reduce((sum, one) => sum + one, 0);
  return `${all} calls meanwhile, none failed`;
}
