// QuickJS has no Intl. feelin's calendar needs one that tells the wall clock of a zone; this tells it for UTC and for
// the zones that Python hands over in `__zones`: { "Europe/Amsterdam": [[from this UTC millisecond, offset in seconds], …] }.
if (typeof globalThis.Intl === 'undefined') {
  const zones = new Map([['UTC', ['UTC', [[-8.64e15, 0]]]], ['ETC/UTC', ['UTC', [[-8.64e15, 0]]]]]);
  for (const [name, changes] of Object.entries(globalThis.__zones ?? {})) zones.set(name.toUpperCase(), [name, changes]);

  class DateTimeFormat {
    constructor(locale, options) {
      const found = zones.get((options?.timeZone ?? 'UTC').toUpperCase());
      if (!found) throw new RangeError('Invalid time zone specified: ' + options.timeZone);
      [this.zone, this.changes] = found;
    }
    resolvedOptions() {
      return { locale: 'en-US', calendar: 'iso8601', numberingSystem: 'latn', timeZone: this.zone };
    }
    offset(instant) {
      let low = 0, high = this.changes.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (this.changes[middle][0] <= instant) low = middle; else high = middle - 1;
      }
      return this.changes[low][1];
    }
    formatToParts(instant) {
      const wall = new Date(Number(instant) + 1000 * this.offset(Number(instant)));
      const year = wall.getUTCFullYear();
      return Object.entries({
        era: year > 0 ? 'AD' : 'BCE',
        year: year > 0 ? year : 1 - year,
        month: wall.getUTCMonth() + 1,
        day: wall.getUTCDate(),
        hour: wall.getUTCHours(),
        minute: wall.getUTCMinutes(),
        second: wall.getUTCSeconds(),
      }).map(([type, value]) => ({ type, value: String(value) }));
    }
    format(instant) {
      return new Date(Number(instant)).toISOString();
    }
    static supportedLocalesOf() {
      return ['en-US'];
    }
  }
  globalThis.Intl = {
    DateTimeFormat,
    NumberFormat: class { format(number) { return String(number); } },
    Locale: class {},
    supportedValuesOf: () => [...zones.keys()],
    getCanonicalLocales: () => ['en-US'],
  };
}
globalThis.console ??= { log() {}, warn() {}, error() {} };
globalThis.process ??= { env: {} };
