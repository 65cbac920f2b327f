// Builds engine/built/feel.js: feelin and our entry in one script that runs in QuickJS.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const FEELIN = here('node_modules/feelin/dist/index.js');
const INNER = ['class InterpreterContext', 'const interpreter =', 'function coerceContext', 'const builtins ='];

const openFeelin = {
  name: 'open-feelin',
  transform(code, id) {
    if (id !== FEELIN) return null;
    const gone = INNER.filter((part) => !code.includes(`\n${part}`));
    if (gone.length) throw new Error(`feelin changed inside, no ${gone.join(', ')}: look at engine/feel/entry.js`);
    return `${code}\nexport { InterpreterContext, interpreter, coerceContext, builtins };\n`;
  },
};

export default defineConfig({
  logLevel: 'warn',
  resolve: { alias: { feelin: FEELIN } },
  plugins: [openFeelin],
  build: {
    target: 'es2020',
    outDir: here('../../engine/built'),
    emptyOutDir: false,
    lib: { entry: here('../../engine/feel/entry.js'), formats: ['iife'], name: 'feel', fileName: () => 'feel.js' },
    // The calendar inside asks for Intl while it loads, so the shim stands before everything.
    rollupOptions: { output: { banner: readFileSync(here('../../engine/feel/shim.js'), 'utf8') } },
  },
});
