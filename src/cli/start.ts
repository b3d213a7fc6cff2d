#!/usr/bin/env node
/** What runs before Belay's own code is read. An older Node is told so: it would stumble over some import instead. */
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
  void import('./main.ts').then(({ run }) => run());
}
