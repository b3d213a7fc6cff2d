/** Numbers and moments as people read them. */

/** A span in milliseconds: `20 ms`, `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. Negative spans (clocks differ) count as none. */
export function spanText(ms: number): string {
  const safe = Math.max(0, ms);
  if (safe < 95) return `${Math.round(safe)} ms`;
  if (safe < 9950) return `${(safe / 1000).toFixed(1)} s`;
  const seconds = Math.round(safe / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A span that is still growing, in whole seconds so that it does not flicker. */
export function runningText(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  return seconds < 60 ? `${seconds} s` : spanText(seconds * 1000);
}

/** The time of day, in the reader's own manner. */
export function clockText(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** A size in bytes, in the steps of 1000 that people reckon with: `980 B`, `64.2 KB`, `5.0 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['KB', 'MB', 'GB'];
  const step = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** step).toFixed(1)} ${units[step - 1]}`;
}

/** A moment to come: the time, and the day where it is another one than that of `now`. Both in epoch ms. */
export function momentText(at: number, now = Date.now()): string {
  const day = (time: number): string => new Date(time).toLocaleDateString(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
  return day(at) === day(now) ? clockText(at) : `${day(at)}, ${clockText(at)}`;
}
