// @ts-check
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where downloads that outlive a clone are kept: outside the project, so that `git clean` and a second clone cost nothing. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'belay');

/** Reports and screenshots of the last `npm test`. */
export const resultsFolder = join(root, 'test-results');
