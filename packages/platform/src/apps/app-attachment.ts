import { OrreryError } from "@orrery/core";
import type { TurningKeys } from "@orrery/mesh/supervise";
import type { AppFile } from "./app-file.ts";
import type { AppService } from "./app-runtime.ts";

/** Who stands in for components. */
export interface StandIn {
  readonly components: readonly string[];
  /** By which it is known: 64 letters of hex. Its secret does not leave it. */
  readonly publicKey: string;
}

/** What somebody who stands in for components is told. */
export interface Attached {
  /** Addresses at which its node finds the others. */
  readonly seeds: readonly string[];
  /** Public keys of those whose connections it is to take, as they are now. */
  peers(): readonly string[];
  /** Looks whether it has come; then calls go to it alone. */
  look(): boolean;
  /** The app's own processes take its place again. */
  end(): void;
}

/** The app of which somebody stands in for components. */
export interface AttachOptions {
  readonly app: string;
  readonly file: AppFile | undefined;
  readonly services: readonly AppService[];
  readonly seeds: readonly string[];
  /** The keys of the app. */
  readonly keys: Pick<TurningKeys, "allow" | "publicKeys">;
  /** Addresses at which a service is served. */
  readonly placesOf: (service: string) => readonly string[];
  /** Addresses of the app's own processes. */
  readonly own: () => readonly string[];
  /** Told, in words, that other processes are to run. */
  readonly onChange: (text: string) => void;
}

/** Who stands in for components of one app. I1: one process stands in for a component at a time. I2: its key is let in as long. */
export class Attachments {
  readonly #all = new Set<{ readonly components: readonly string[]; isFound: boolean }>();

  /** @throws OrreryError `not_found` for a component that the app has not, `already_exists` where somebody stands in for one already, `invalid_argument` for what is no key */
  begin({ components, publicKey }: StandIn, options: AttachOptions): Attached {
    this.#assertFree(components, options);
    const { services, seeds, keys, placesOf, own, onChange } = options;
    const refuse = keys.allow(publicKey); // I2
    const names = services.filter(({ component }) => components.includes(component)).map(({ name }) => name);
    const attachment = { components, isFound: false };
    this.#all.add(attachment); // I1
    return {
      seeds,
      peers: () => keys.publicKeys(),
      look: () => {
        const isFound = names.every((name) => placesOf(name).some((place) => !own().includes(place)));
        if (isFound && !attachment.isFound) {
          attachment.isFound = true;
          onChange(`somebody stands in for ${components.join(", ")}`);
        }
        return attachment.isFound;
      },
      end: () => {
        this.#all.delete(attachment);
        refuse();
        onChange(`nobody stands in any more for ${components.join(", ")}`);
      },
    };
  }

  /** Whether calls of a component go to somebody who stands in for it. */
  hasFor(component: string): boolean {
    return [...this.#all].some(({ isFound, components }) => isFound && components.includes(component));
  }

  #assertFree(components: readonly string[], { app, file }: AttachOptions): void {
    const known = (file?.components ?? []).map(({ name }) => name);
    const strange = components.find((name) => !known.includes(name));
    const taken = components.find((name) => [...this.#all].some((one) => one.components.includes(name)));
    const refuse = (code: "not_found" | "already_exists", why: string) =>
      new OrreryError(code, `Cannot attach to "${app}": ${why}`);
    if (strange !== undefined || components.length === 0)
      throw refuse("not_found", `it has no component "${strange ?? ""}", but ${known.join(", ") || "none"}`);
    if (taken !== undefined)
      throw refuse("already_exists", `somebody stands in for "${taken}" already, wait until that process ends`);
  }
}
