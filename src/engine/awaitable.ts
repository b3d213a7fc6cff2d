/** Values that are there at once where they can be: steps that only compute are over in the moment they begin, without a promise. */

export type Awaitable<T> = T | Promise<T>;

/** What `next` makes of the value, as soon as it is there. */
export function after<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** What comes of the work, or what `failed` makes of its error, whether it was thrown at once or later. */
export function attempt<T>(work: () => Awaitable<T>, failed: (error: unknown) => T): Awaitable<T> {
  try {
    const result = work();
    return result instanceof Promise ? result.catch(failed) : result;
  } catch (error) {
    return failed(error);
  }
}
