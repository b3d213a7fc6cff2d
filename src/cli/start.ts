#!/usr/bin/env node
/**
 * What runs before Belay's own code is read. An older Node is told so: it would stumble over some import instead. What Node has compiled
 * is kept from one call to the next: reading Belay's code anew takes longer than most commands do.
 */
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EXIT_CODES } from './exit-codes.ts';

/** As in package.json, `engines`. */
const OLDEST = 22;

if (Number.parseInt(process.versions.node, 10) < OLDEST) {
  process.stderr.write(
    `NODE_TOO_OLD: This is Node ${process.versions.node}, and belay needs Node ${OLDEST} or later.\n` +
      `Install it from your package manager or https://nodejs.org, or call one you have: /path/to/node ${process.argv[1]}\n`,
  );
  process.exitCode = EXIT_CODES.usage.code;
} else {
  // In the user's own folder: code that somebody else could have put there is not run.
  nodeModule.enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'belay', 'compiled'));
  void import('./main.ts').then(({ run }) => run());
}
