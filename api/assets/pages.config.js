// Builds api/static/built: the style and the script of every page. Prunes tokens that nothing refers to.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { prune } from './prune.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

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
    rollupOptions: { input: [here('pages.js'), here('pages.css')] },
  },
});
