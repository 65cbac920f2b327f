// FEEL for Python: texts and JSON in, JSON out. Knows feelin; nothing of processes or tables.
// `interpreter`, `InterpreterContext`, `coerceContext` and `builtins` are inner parts of feelin that the build exposes:
// through its public functions every evaluation would parse the text again (30 times slower).
import {
  InterpreterContext, builtins, coerceContext, interpreter, isFunction, isRange, parseExpression, parseUnaryTests,
} from 'feelin';

// The time is handed in, so an expression may not ask the clock.
const CLOCK = ['now', 'today'];
for (const name of CLOCK) delete builtins[name];

const MAX_CACHED = 1000;
const cache = new Map();

function build(kind, text) {
  const key = kind + text;
  let built = cache.get(key);
  if (!built) {
    const context = new InterpreterContext();
    const method = kind === 'unary' ? 'unaryTest' : 'evaluate';
    built = { context, root: interpreter[method](text, {}, undefined, context).root };
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(key, built);
  }
  built.context.warnings = [];
  return built;
}

function plain(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('not a number');
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'function' || isFunction(value) || isRange(value)) throw new TypeError('not a plain value');
  if (Array.isArray(value)) return value.map(plain);
  if (value.constructor === Object) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return String(value);
}

function children(node) {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

// Walks the parsed text: which names does it take from outside, and which functions does it call that nobody made?
function walk(text, node, bound, found) {
  const words = (at) => children(at).map((word) => text.slice(word.from, word.to)).join(' ');
  const go = (at, extra = bound) => walk(text, at, extra, found);
  const parts = children(node);
  switch (node.name) {
    case 'VariableName': {
      const name = words(node);
      if (CLOCK.includes(name) && !bound.has(name)) found.clock.add(name);
      else if (!bound.has(name)) found.names.add(name);
      return;
    }
    case 'Type':
      return;
    case 'FunctionInvocation': {
      const [called, ...rest] = parts;
      const name = called.name === 'VariableName' ? words(called) : null;
      if (name === null || bound.has(name) || CLOCK.includes(name)) go(called);
      else if (!Object.hasOwn(builtins, name)) found.functions.add(name);
      rest.forEach((part) => go(part));
      return;
    }
    case 'FilterExpression':
      go(parts[0]);
      parts.slice(1).forEach((part) => go(part, new Set([...bound, 'item'])));
      return;
    case 'FunctionDefinition': {
      const inside = new Set(bound);
      node.cursor().iterate((at) => { if (at.name === 'ParameterName') inside.add(words(at.node.firstChild)); });
      parts.forEach((part) => go(part, inside));
      return;
    }
    case 'ForExpression':
    case 'QuantifiedExpression': {
      const inside = new Set(bound);
      for (const part of parts) {
        if (part.name === 'InExpressions') {
          for (const each of children(part).filter((at) => at.name === 'InExpression')) {
            children(each).filter((at) => at.name !== 'Name').forEach((at) => go(at, inside));
            inside.add(words(each.getChild('Name')));
          }
          if (node.name === 'ForExpression') inside.add('partial');
        } else go(part, inside);
      }
      return;
    }
    case 'Context': {
      const inside = new Set(bound);
      for (const entry of parts) {
        go(entry, inside);
        const name = entry.getChild('Key')?.getChild('Name');
        if (name) inside.add(words(name));
      }
      return;
    }
    default:
      parts.forEach((part) => go(part));
  }
}

globalThis.__feel = {
  check(kind, text) {
    try {
      build(kind, text);
    } catch (error) {
      if (!error.position && !/^not implemented/.test(error.message)) throw error;
      return JSON.stringify({ at: error.position?.from ?? 0, near: error.input ?? '', reason: error.message });
    }
    const found = { names: new Set(), functions: new Set(), clock: new Set() };
    walk(text, (kind === 'unary' ? parseUnaryTests : parseExpression)(text, {}).topNode, new Set(), found);
    return JSON.stringify({ names: [...found.names], functions: [...found.functions], clock: [...found.clock] });
  },
  run(kind, text, json) {
    const { context, root } = build(kind, text);
    const values = coerceContext(JSON.parse(json));
    let value = root(values);
    if (kind === 'unary') value = value(values['?'] ?? null);
    if (context.warnings.length) return JSON.stringify({ warnings: context.warnings.map((warning) => warning.message) });
    return JSON.stringify({ value: plain(value) });
  },
};
