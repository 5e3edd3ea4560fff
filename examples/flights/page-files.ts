import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { readData } from "./lib/data.ts";

/** One file of the page, ready to be sent. */
export interface PageFile {
  readonly type: string;
  readonly body: string;
}

/** Makes the page: its TypeScript bundled into one file, and the outlines of the states. By path; takes some 100 ms. */
export async function buildPage(): Promise<ReadonlyMap<string, PageFile>> {
  const read = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");
  return new Map<string, PageFile>([
    ["/", { type: "text/html; charset=utf-8", body: read("index.html") }],
    ["/style.css", { type: "text/css; charset=utf-8", body: read("style.css") }],
    ["/page.js", { type: "text/javascript; charset=utf-8", body: await bundle("page/main.ts") }],
    ["/map.json", { type: "application/json", body: JSON.stringify(statesOf(readData("us-10m.json"))) }],
  ]);
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2023",
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

/** A TopoJSON file, as far as it is read here. */
interface States {
  readonly transform: object;
  readonly arcs: readonly unknown[];
  readonly objects: { readonly states: { readonly geometries: readonly StateGeometry[] } };
}

type StateGeometry =
  | { readonly type: "Polygon"; readonly arcs: readonly (readonly number[])[] }
  | { readonly type: "MultiPolygon"; readonly arcs: readonly (readonly (readonly number[])[])[] };

/** Takes the states out of the map of counties, and only the arcs that they need: a sixth of the file. */
function statesOf(text: string): { transform: object; arcs: unknown[]; states: number[][][] } {
  const { transform, arcs, objects } = JSON.parse(text) as States;
  const places = new Map<number, number>();
  const placeOf = (arc: number): number => {
    const index = arc < 0 ? ~arc : arc;
    if (!places.has(index)) places.set(index, places.size);
    const place = places.get(index) ?? 0;
    return arc < 0 ? ~place : place;
  };
  const states = objects.states.geometries.map((geometry) => {
    const rings = geometry.type === "Polygon" ? geometry.arcs : geometry.arcs.flat();
    return rings.map((ring) => ring.map(placeOf));
  });
  return { transform, arcs: [...places.keys()].map((index) => arcs[index]), states };
}
