import { defineConfig } from "vitest/config";

const conditions = ["source"];

export default defineConfig({
  cacheDir: "../../../node_modules/.cache/vitest",
  // Only where Orrery itself is run from its sources; an application needs neither of these lines.
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { root: import.meta.dirname, include: ["*.spec.ts"], globals: true, testTimeout: 60_000 },
});
