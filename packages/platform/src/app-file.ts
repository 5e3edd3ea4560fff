/** The document that says what an app is, for programs that only read it: they load nothing that runs apps. */
export { APP_FILE } from "./apps/app-file.ts";
export { type ParseAppFileOptions, parseAppFile } from "./apps/parse-app-file.ts";
