/** Moments as flows write them. */

/** Date and time of ISO 8601 with an offset: without one, the moment would depend on the machine. */
const MOMENT = /^\d{4}-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Epoch ms. Undefined: `given` is no moment. */
export function readMoment(given: string): number | undefined {
  const trimmed = given.trim();
  const moment = MOMENT.test(trimmed) ? Date.parse(trimmed) : Number.NaN;
  return Number.isNaN(moment) || !isDay(trimmed.slice(0, 10)) ? undefined : moment;
}

/** `Date` takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}
