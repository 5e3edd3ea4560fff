// npm run local [-- --port 8080]: every component in a process of its own, and one door for all of them with the page.
import { fileURLToPath } from "node:url";
import { type Directory, isOrreryError } from "@orrery/core";
import { createHttpDoor } from "@orrery/http";
import {
  type App,
  type AppEvent,
  createMeshClient,
  findProject,
  launchProcesses,
  type RunFile,
  writeRunFile,
} from "@orrery/mesh";
import { AirportService } from "./gen/flights/v1/airport_pb.ts";
import { DepartureService } from "./gen/flights/v1/departure_pb.ts";
import { FeedService } from "./gen/flights/v1/feed_pb.ts";
import { PlannerService } from "./gen/flights/v1/planner_pb.ts";
import { RouteService } from "./gen/flights/v1/route_pb.ts";
import { interrupted, tell } from "./lib/program.ts";
import { parseStartOptions } from "./lib/start-options.ts";
import { createPageServer } from "./serve-page.ts";

const cwd = fileURLToPath(new URL(".", import.meta.url));
const services = [AirportService, RouteService, DepartureService, PlannerService, FeedService];

const HAPPENED = { crashed: "crashed and is started again", restarted: "is back", failed: "is given up" } as const;

/** Time for what is under way at Ctrl-C; then streams are cut. */
const STOP_MS = 500;

async function start(): Promise<void> {
  const { port } = parseStartOptions(process.argv.slice(2), process.env);
  const began = performance.now();
  const asked = interrupted(); // From here on, so that a Ctrl-C right after the last line finds somebody who listens.
  let app: App | undefined;
  let runFile: RunFile | undefined;
  const directory: Directory = {
    resolve: (component) => app?.directory.resolve(component) ?? [],
    components: () => app?.directory.components() ?? [],
  };
  await using node = await createMeshClient({ directory });
  const door = createHttpDoor({ node, services, fallback: await createPageServer() });
  try {
    const address = await door.listen({ port }); // First of all: a port that is taken is told at once.
    tell("Starting five components, each in a process of its own");
    const onEvent = ({ kind, component, pid, text }: AppEvent) => {
      tell(`${component} ${HAPPENED[kind]} (process ${pid}) ${text}`.trimEnd());
      if (app !== undefined) runFile?.update(app.directory);
    };
    app = await launchProcesses({ paths: ["components"], cwd, listen: "tcp://127.0.0.1:0", onEvent });
    // By it, the orrery command finds the components when it is typed where npm start was.
    runFile = writeRunFile(findProject(process.env["INIT_CWD"] ?? process.cwd()), app.directory);
    tell(`Ready in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    for (const line of processesOf(app)) tell(line);
    process.stdout.write(welcome(address));
    await asked;
    tell("Stopping");
  } finally {
    runFile?.remove();
    await Promise.all([door.close({ timeoutMs: STOP_MS }), app?.stop({ timeoutMs: STOP_MS })]);
  }
}

function processesOf(app: App): string[] {
  return app
    .components()
    .flatMap(({ name, instances }) =>
      instances.map(({ pid, address }) => `  ${name.padEnd(28)} process ${String(pid).padEnd(8)} ${address}`),
    );
}

/** The address, and three commands to try. */
function welcome(address: string): string {
  return `
Open ${address}

Or try
  curl -s ${address}/flights.v1.PlannerService/PlanTrip -H content-type:application/json -d '{"origin": "SEA", "destination": "EYW"}'
  npx orrery AirportService SearchAirports --query=portland --served-only
  npx orrery FeedService WatchAircraft --airports=SEA | head -n 3

Ctrl-C ends it.
`;
}

start().catch((thrown: unknown) => {
  tell(isOrreryError(thrown) ? thrown.message : String(thrown instanceof Error ? thrown.stack : thrown));
  process.exitCode = 1;
});
