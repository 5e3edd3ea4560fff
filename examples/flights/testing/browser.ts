import { type Browser, chromium, type Page } from "playwright-core";

const SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];

/** Starts Debian's Chromium without a window. */
export function startBrowser(): Promise<Browser> {
  const args = [...SWITCHES, "--disable-sync", "--no-first-run"];
  return chromium.launch({ executablePath: "/usr/bin/chromium", args });
}

/** Gathers everything that a page complains of: errors, failed requests, and requests to anywhere but its own server. */
export function gatherComplaints(page: Page, origin: string): readonly string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin)
      complaints.push(`foreign request ${request.url()}`);
  });
  return complaints;
}

/** Counts the colours of a screenshot, by having the browser decode it. */
export async function coloursOf(browser: Browser, png: Buffer): Promise<number> {
  const page = await browser.newPage();
  try {
    return await page.evaluate(async (base64) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const pen = canvas.getContext("2d");
      pen?.drawImage(image, 0, 0);
      const { data } = pen?.getImageData(0, 0, image.width, image.height) ?? { data: new Uint8ClampedArray() };
      return new Set(new Uint32Array(data.buffer)).size;
    }, png.toString("base64"));
  } finally {
    await page.close();
  }
}
