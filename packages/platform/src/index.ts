/** Hosting: the web server that answers for spaces by their binds. */

export { APP_FILE, type AppFile, type AppPart } from "./apps/app-file.ts";
export { type ParseAppFileOptions, parseAppFile } from "./apps/parse-app-file.ts";
export type { Bind, FilesTarget, RateLimit, RedirectTarget, Route, Target, UpstreamTarget } from "./bind/bind.ts";
export { type BindCheckOptions, createBindCheck } from "./bind/bind-check.ts";
export { type ParseBindOptions, parseBind } from "./bind/parse-bind.ts";
export type { BindView } from "./web/bind-keeper.ts";
export type { BlobSource } from "./web/blob-source.ts";
export {
  createWebServer,
  type WebListenOptions,
  type WebServer,
  type WebServerOptions,
} from "./web/system-web-server.ts";
