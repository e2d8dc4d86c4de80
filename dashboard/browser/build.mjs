// Builds dist/: one classic script, one style sheet, the map's worker and the fonts.
// A classic script (iife), because Dash looks for its components before a module would have run.

import { cp, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));

await rm(`${here}dist`, { recursive: true, force: true });
await mkdir(`${here}dist`, { recursive: true });

await build({
  absWorkingDir: here,
  entryPoints: { vigil: "src/main.ts", "beat-worker": "src/live/beat_worker.ts" },
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  define: { "process.env.NODE_ENV": '"production"' },
  // MapLibre looks for its worker beside import.meta.url, which a classic script has not; main.ts names it.
  logOverride: { "empty-import-meta": "silent" },
});

await build({
  absWorkingDir: here,
  entryPoints: { vigil: "src/vigil.css" },
  outdir: "dist",
  bundle: true,
  minify: true,
  // Plain names: dashboard/browser/__init__.py lists them for Dash, which puts no unlisted file out.
  loader: { ".woff2": "file", ".svg": "dataurl", ".png": "dataurl" },
  assetNames: "fonts/[name]",
});

// Named .js, so that every server and proxy knows it for a script: browsers refuse a module of another type.
await cp(`${here}node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs`, `${here}dist/map-worker.js`);
