/** Stands for a program that knows nothing of Orrery: what the processes of such components load. */

export type { ForeignPart, ForeignProtocol } from "./foreign/foreign-part.ts";
export { type ForeignComponentOptions, foreignComponent } from "./foreign/system-foreign-component.ts";
