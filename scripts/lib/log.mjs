// @ts-check
/** The one voice of the scripts: every step says what it is about to do and, when it was slow, how long it took. */

// Whoever read us may go away first (`npm start | head`): that must not keep us from ending what we started.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** @param {string} text one line about what happens now */
export function say(text) {
  process.stdout.write(`belay: ${text}\n`);
}

/**
 * Announces a slow step, runs it and says how long it took.
 * @template T
 * @param {string} text what is done, in the present tense
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(text, work) {
  const started = Date.now();
  say(`${text} …`);
  const result = await work();
  say(`${text}: done in ${seconds(Date.now() - started)}`);
  return result;
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
}

/** A failure that the person at the terminal can mend: shown without a stack, with what to do next. */
export class SetupError extends Error {
  /**
   * @param {string} code stable, upper case
   * @param {string} message what happened and where
   * @param {string} next what to do about it
   */
  constructor(code, message, next) {
    super(message);
    this.name = 'SetupError';
    this.code = code;
    this.next = next;
  }
}

/**
 * The last line of defence of a script: prints a failure and gives the exit code.
 * @param {unknown} error
 * @returns {number}
 */
export function report(error) {
  if (error instanceof SetupError) {
    process.stderr.write(`belay: ${error.code}: ${error.message}\nbelay: next: ${error.next}\n`);
  } else {
    process.stderr.write(`belay: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
  return 1;
}
