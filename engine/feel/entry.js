// FEEL for Python: texts and JSON in, JSON out. Knows feelin; nothing of processes or tables.
// `interpreter`, `InterpreterContext`, `coerceContext` and `builtins` are inner parts of feelin that the build exposes:
// through its public functions every evaluation would parse the text again (30 times slower).
import {
  FeelRange, InterpreterContext, builtins, coerceContext, interpreter, isFunction, isRange, parseExpression,
  parseUnaryTests,
} from 'feelin';

// The time is handed in, so an expression may not ask the clock.
const CLOCK = ['now', 'today'];
for (const name of CLOCK) delete builtins[name];

// feelin compares what cannot be compared as JavaScript does: "a" in [1..2] would be true. FEEL says null.
const includes = FeelRange.prototype.includes;
FeelRange.prototype.includes = function (value) {
  const bound = this.start ?? this.end;
  if (value === null || value === undefined || bound === null || bound.constructor !== value.constructor) return null;
  return includes.call(this, value);
};

const MAX_CACHED = 1000;
const cache = new Map();

function children(node) {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function compile(text) {
  const context = new InterpreterContext();
  const { root } = interpreter.evaluate(text, {}, undefined, context);
  return (values, warnings) => {
    context.warnings = [];
    const value = root(values) ?? null;
    warnings.push(...context.warnings);
    return value;
  };
}

const equal = compile('left = right');

function asks(node) {
  let found = false;
  node.cursor().iterate((at) => { found ||= at.name === '?'; });
  return found;
}

// One test of an input cell. feelin's own unary tests take null for a match, and `false` for no match of false.
function compileTest(text, node) {
  const source = text.slice(node.from, node.to);
  if (node.name === 'SimplePositiveUnaryTest') {
    return compile((node.firstChild.name === 'CompareOp' ? '? ' : '? in ') + source);
  }
  const expression = compile(source);
  if (asks(node)) {
    return (values, warnings) => {
      const value = expression(values, warnings);
      return typeof value === 'boolean' ? value : null;
    };
  }
  return (values, warnings) => {
    const found = expression(values, warnings), given = values['?'];
    if (isRange(found)) return found.includes(given);
    if (Array.isArray(found)) return found.some((each) => equal({ left: given, right: each }, warnings) === true);
    if (typeof found === 'boolean' && typeof given !== 'boolean' && given !== null && !/^(true|false)$/.test(source)) {
      return found;
    }
    return equal({ left: given, right: found }, warnings);
  };
}

function compileCell(text) {
  interpreter.unaryTest(text, {}, undefined, new InterpreterContext()); // throws where the text is wrong
  const parts = children(parseUnaryTests(text, {}).topNode);
  if (parts[0].name === 'Wildcard') return () => true;
  const negated = parts[0].name === 'not';
  const tests = parts
    .filter((part) => part.name === 'PositiveUnaryTests')
    .flatMap(children)
    .filter((part) => part.name === 'PositiveUnaryTest')
    .map((part) => compileTest(text, part.firstChild));
  return (values, warnings) => {
    const results = tests.map((test) => test(values, warnings));
    if (results.includes(true)) return !negated;
    return results.includes(null) ? null : negated;
  };
}

function build(kind, text) {
  const key = kind + text;
  let built = cache.get(key);
  if (!built) {
    built = kind === 'unary' ? compileCell(text) : compile(text);
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(key, built);
  }
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
    case 'Comparison': { // the grammar reads x == 1 as x = (= 1), which is never true
      const [, sign, right] = parts;
      const second = right?.name === 'SimplePositiveUnaryTest' && right.firstChild.name === 'CompareOp' && right.firstChild;
      if (sign?.name === 'CompareOp' && second) found.operators.add(text.slice(sign.from, second.to));
      parts.forEach((part) => go(part));
      return;
    }
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
    const found = { names: new Set(), functions: new Set(), clock: new Set(), operators: new Set() };
    walk(text, (kind === 'unary' ? parseUnaryTests : parseExpression)(text, {}).topNode, new Set(), found);
    return JSON.stringify(Object.fromEntries(Object.entries(found).map(([kind, words]) => [kind, [...words]])));
  },
  run(kind, text, json) {
    const warnings = [];
    const value = build(kind, text)(coerceContext(JSON.parse(json)), warnings);
    if (warnings.length) return JSON.stringify({ warnings: warnings.map((warning) => warning.message) });
    return JSON.stringify({ value: plain(value) });
  },
};
