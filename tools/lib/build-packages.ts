import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { BROWSER_PACKAGES } from "../policy.ts";
import { inputStamp, type PackagePlan, planPackage } from "./build-plan.ts";
import { buildTypes } from "./build-types.ts";
import { listTree, loadManifests, ROOT } from "./project.ts";

/**
 * Builds `dist` of every package: types by the type checker, JavaScript as one ES module for each export, with source
 * maps. Does nothing when nothing changed since the last build. Gives what went wrong, or undefined.
 */
export async function buildPackages(): Promise<string | undefined> {
  const stamp = inputStamp();
  const manifests = loadManifests().filter((manifest) => manifest.folder.startsWith("packages/"));
  const plans = manifests.map((manifest) =>
    planPackage(manifest, BROWSER_PACKAGES.includes(manifest.name.slice("@orrery/".length))),
  );
  if (plans.every((plan) => readStamp(plan) === stamp)) return undefined;
  const [types] = await Promise.all([buildTypes(), ...plans.map(bundlePackage)]);
  if (types.code !== 0) return types.output;
  for (const plan of plans) writeFileSync(stampPath(plan), stamp);
  return undefined;
}

/** Most other packages stay imports; what two exports of one package share lands in a chunk, so that it exists once. */
async function bundlePackage(plan: PackagePlan): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: join(ROOT, plan.folder),
    entryPoints: [...plan.entries].map(([out, source]) => ({ in: source, out })),
    outdir: "dist",
    bundle: true,
    splitting: true,
    chunkNames: "chunk-[hash]",
    format: "esm",
    target: "es2024",
    platform: plan.forBrowser ? "neutral" : "node",
    external: plan.external.flatMap((name) => [name, `${name}/*`]),
    sourcemap: "linked",
    logLevel: "warning",
    metafile: true,
  });
  const dist = join(ROOT, plan.folder, "dist");
  writeNotice(plan, Object.keys(metafile.inputs));
  const stale = listTree(dist).filter(
    (path) => /\.js(\.map)?$/.test(path) && metafile.outputs[`dist/${path}`] === undefined,
  );
  for (const path of stale) rmSync(join(dist, path));
}

/** Says whose code is part of `dist`, with the notices that its files and folders carry, as their licenses ask. */
function writeNotice(plan: PackagePlan, inputs: readonly string[]): void {
  const path = join(ROOT, plan.folder, "dist", "NOTICE");
  rmSync(path, { force: true });
  if (plan.inlined.length === 0) return;
  const parts = homesOf(inputs).map((home) => {
    const folder = join(ROOT, plan.folder, home);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
      string,
      string
    >;
    const files = inputs.filter(
      (input) => input.startsWith(`${home}/`) && !input.includes("/node_modules/", home.length),
    );
    const sources = files.map((input) => readFileSync(join(ROOT, plan.folder, input), "utf8"));
    const notices = sources.map((source) => /^(?:\/\/.*\n)+/.exec(source)?.[0].replaceAll(/^\/\/ ?/gm, "") ?? "");
    const licenseFile = join(folder, "LICENSE");
    const whole = existsSync(licenseFile) ? [readFileSync(licenseFile, "utf8")] : [];
    return [`Parts of ${name} ${version}, ${license}\n`, ...new Set([...notices.filter(Boolean), ...whole])].join("\n");
  });
  writeFileSync(path, parts.join("\n"));
}

/** Folders of the packages that files are of: of those that are built in, and of what these are made of. */
function homesOf(inputs: readonly string[]): readonly string[] {
  const homes = inputs.map((input) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  return [...new Set(homes)].filter((home) => home !== undefined).sort();
}

function stampPath(plan: PackagePlan): string {
  return join(ROOT, plan.folder, "dist", ".stamp");
}

function readStamp(plan: PackagePlan): string | undefined {
  return existsSync(stampPath(plan)) ? readFileSync(stampPath(plan), "utf8") : undefined;
}
