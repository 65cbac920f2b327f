// Builds api/static/built: the script of every page, and one style for each theme. Prunes tokens that nothing refers to.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { prune } from './prune.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const themes = readdirSync(here('themes')).filter((name) => name.endsWith('.css'));

export default defineConfig({
  logLevel: 'warn',
  base: '/static/built/',
  css: { postcss: { plugins: [prune()] } },
  build: {
    target: 'es2022',
    outDir: here('../static/built'),
    emptyOutDir: true,
    manifest: true,
    modulePreload: false,
    rollupOptions: { input: [here('pages.js'), ...themes.map((name) => here(`themes/${name}`))] },
  },
});
