// A theme declares 3,500 tokens and our pages use some 300. What no rule reaches, directly or through another token,
// is left out, and so are `--todo-…` placeholders: 207 kB becomes 15. The packages also say a state as a class, for
// catalogues of components; browsers know the states by themselves, so these selectors are left out first.
const REFERENCE = /var\(\s*(--[\w-]+)/g;
const references = (text) => [...text.matchAll(REFERENCE)].map((match) => match[1]);
const STATE = /\.(?:nl|utrecht)-[\w-]+--(?:active|focus|focus-visible|hover|pressed|read-only|disabled|loading)(?![\w-])/;

export function prune() {
  return {
    postcssPlugin: 'prune-tokens',
    OnceExit(root) {
      root.walkRules((rule) => {
        const kept = rule.selectors.filter((one) => !STATE.test(one.replace(/:not\([^)]*\)/g, '')));
        if (!kept.length) rule.remove();
        else if (kept.length < rule.selectors.length) rule.selectors = kept;
      });
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
