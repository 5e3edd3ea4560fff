import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ExtractorLogLevel, IConfigFile } from "@microsoft/api-extractor";
import { type Manifest, ROOT, readSource } from "./project.ts";

/** One door of a package, and the file that reports what goes through it. */
export interface ApiDoor {
  readonly folder: string;
  /** Types of the door, from the package's folder: "dist/index.d.ts". */
  readonly types: string;
  /** Report, from the root: "packages/core/api/index.api.md". */
  readonly report: string;
}

/** How a door's report compares with what the types say today. */
export interface ApiState {
  readonly door: ApiDoor;
  readonly changed: boolean;
  /** What kept the types from being read. */
  readonly errors: readonly string[];
}

/** Lists the doors of a package that users may rely on: all of its exports that have types, but `./internal`. */
export function apiDoors(manifest: Manifest): ApiDoor[] {
  const { exports = {} } = JSON.parse(manifest.text) as { exports?: Record<string, { types?: string }> };
  return Object.entries(exports)
    .filter(([subpath]) => subpath !== "./internal")
    .flatMap(([subpath, { types }]) => {
      if (types === undefined) return []; // Source that only this repository uses.
      const name = subpath === "." ? "index" : subpath.slice(2).replaceAll("/", "-");
      return { folder: manifest.folder, types, report: `${manifest.folder}/api/${name}.api.md` };
    });
}

/** Compares a door's types with its report; with `write`, writes the report anew when it differs. */
export async function reportApi(door: ApiDoor, { write }: { write: boolean }): Promise<ApiState> {
  const { Extractor, ExtractorConfig } = await import("@microsoft/api-extractor");
  const config = ExtractorConfig.prepare({
    configObject: extractorConfig(door),
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, door.folder, "package.json"),
  });
  mkdirSync(dirname(join(ROOT, door.report)), { recursive: true });
  const errors: string[] = [];
  const result = Extractor.invoke(config, {
    localBuild: write,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === "error") errors.push(message.formatMessageWithLocation(ROOT));
    },
  });
  return { door, changed: result.apiReportChanged, errors };
}

function extractorConfig(door: ApiDoor): IConfigFile {
  const projectFolder = join(ROOT, door.folder);
  const error = { logLevel: "error" as ExtractorLogLevel };
  const none = { logLevel: "none" as ExtractorLogLevel };
  return {
    projectFolder,
    mainEntryPointFilePath: join(projectFolder, door.types),
    newlineKind: "lf",
    apiReport: {
      enabled: true,
      reportFolder: dirname(join(ROOT, door.report)),
      reportFileName: door.report.replace(/^.*\//, ""),
      reportTempFolder: join(ROOT, "node_modules/.cache/orrery/api", door.folder),
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    compiler: { overrideTsconfig: compilerOptions() },
    messages: {
      compilerMessageReporting: { default: error },
      extractorMessageReporting: { default: none, "ae-forgotten-export": { ...none, addToApiReportFile: true } },
      tsdocMessageReporting: { default: none },
    },
  };
}

/** What a user of the packages sets: the strict base without our own condition, so that types come from `dist`. */
function compilerOptions(): object {
  const base = JSON.parse(readSource("tsconfig.base.json").text) as { compilerOptions: object };
  const ours = {
    customConditions: [],
    erasableSyntaxOnly: false,
    target: "es2024",
    lib: ["esnext", "dom"],
    types: ["node"],
  };
  return { compilerOptions: { ...base.compilerOptions, ...ours } };
}
