import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "./project.ts";

/** A page that is carried by a package as one text. */
export interface PageBundle {
  /** Folder of its sources, from the root: `page.html`, `style.css` and `main.ts`. */
  readonly source: string;
  /** The module that carries it. */
  readonly output: string;
}

/** Every such page. */
export const PAGE_BUNDLES: readonly PageBundle[] = [
  { source: "packages/sim/src/view/page", output: "packages/sim/src/gen/page.ts" },
];

/** Makes the module of a page: its script bundled, and its style and script put into its HTML. */
export async function bundlePage({ source }: PageBundle): Promise<string> {
  const read = (name: string) => readFileSync(join(ROOT, source, name), "utf8");
  const common = { minify: true, write: false, logLevel: "silent", charset: "utf8" } as const;
  const [script, style] = await Promise.all([
    build({ ...common, entryPoints: [join(ROOT, source, "main.ts")], bundle: true, format: "esm", target: "es2023" }),
    build({ ...common, entryPoints: [join(ROOT, source, "style.css")], target: "chrome120" }),
  ]);
  const html = read("page.html")
    .replaceAll(/^\s+/gm, "")
    .replace("<!-- style -->", () => `<style>${style.outputFiles[0]?.text.trim()}</style>`)
    .replace("<!-- script -->", () => `<script type="module">${script.outputFiles[0]?.text.trim()}</script>`);
  const says = `// Made by "npm run generate" from ${source}: change that.`;
  return `${says}\n\n/** The page as one text; \`"__RUN__"\` stands for its run. */\nexport const PAGE_HTML: string = ${JSON.stringify(html)};\n`;
}

/** Writes the module of a page. */
export async function writePage(bundle: PageBundle): Promise<void> {
  const path = join(ROOT, bundle.output);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await bundlePage(bundle));
}

/** Whether the committed module of a page is what its sources give. */
export async function isPageFresh(bundle: PageBundle): Promise<boolean> {
  const path = join(ROOT, bundle.output);
  return existsSync(path) && readFileSync(path, "utf8") === (await bundlePage(bundle));
}
