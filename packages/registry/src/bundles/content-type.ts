const UTF8 = "; charset=utf-8";

/** Media types by the ends of names; what the web is made of. */
const TYPES: Readonly<Record<string, string>> = {
  avif: "image/avif",
  css: `text/css${UTF8}`,
  csv: `text/csv${UTF8}`,
  gif: "image/gif",
  gz: "application/gzip",
  htm: `text/html${UTF8}`,
  html: `text/html${UTF8}`,
  ico: "image/vnd.microsoft.icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: `text/javascript${UTF8}`,
  json: "application/json",
  map: "application/json",
  md: `text/markdown${UTF8}`,
  mjs: `text/javascript${UTF8}`,
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  ogg: "audio/ogg",
  otf: "font/otf",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  tar: "application/x-tar",
  ts: `text/plain${UTF8}`,
  ttf: "font/ttf",
  txt: `text/plain${UTF8}`,
  wasm: "application/wasm",
  webm: "video/webm",
  webmanifest: "application/manifest+json",
  webp: "image/webp",
  woff: "font/woff",
  woff2: "font/woff2",
  xml: "application/xml",
  yaml: "application/yaml",
  yml: "application/yaml",
  zip: "application/zip",
};

/** The media type of a file by the end of its name. */
export function contentTypeOf(path: string): string {
  const [, end = ""] = /\.([A-Za-z0-9]+)$/.exec(path) ?? [];
  const name = end.toLowerCase();
  return Object.hasOwn(TYPES, name) ? (TYPES[name] ?? "") : "application/octet-stream";
}
