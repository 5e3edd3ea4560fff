/** Gives node:test's `it` the name that other runners give theirs: `node --import ./node-globals.ts --test`. */
import { it } from "node:test";

Object.assign(globalThis, { it });
