// npm run api: builds the types, and writes a report of each package's public API. `npm run check -- api` only compares.
import { apiDoors, reportApi } from "./lib/api-report.ts";
import { buildTypes } from "./lib/build-types.ts";
import { loadManifests } from "./lib/project.ts";
import { runSteps, type Step } from "./lib/step.ts";

const doors = loadManifests().flatMap(apiDoors);
const write = doors.map(
  (door): Step => ({
    name: door.report,
    run: async () => {
      const { errors } = await reportApi(door, { write: true });
      return { code: errors.length === 0 ? 0 : 1, output: errors.join("\n") };
    },
  }),
);
const failed = await runSteps([{ name: "build types", run: buildTypes }, ...write], 1);
process.exitCode = failed.length === 0 ? 0 : 1;
