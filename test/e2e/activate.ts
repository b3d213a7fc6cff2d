/**
 * `node activate.ts EXTENSION`: loads and activates the built extension as VS Code does, in a host that answers everything and does
 * nothing, and prints what that took in CPU milliseconds.
 */
import { createRequire } from 'node:module';

/** A value of VS Code's API that can be read, called, constructed and extended, whatever it is. */
function anything(): unknown {
  return new Proxy(class {}, {
    get: (target, key) => {
      if (key === 'prototype') return target.prototype;
      if (key === 'then') return undefined;
      if (key === Symbol.toPrimitive) return () => '';
      return key === Symbol.iterator ? () => [].values() : anything();
    },
    // What esbuild makes of a namespace inherits from it.
    getPrototypeOf: () => anything() as object,
    apply: () => anything(),
    construct: () => anything() as object,
  });
}

const require = createRequire(import.meta.url);
const loader = require('node:module') as { _load(request: string, ...rest: unknown[]): unknown };
const load = loader._load;
loader._load = (request, ...rest) => (request === 'vscode' ? anything() : load.call(loader, request, ...rest));

const [, , file = ''] = process.argv;
const started = process.cpuUsage();
(require(file) as { activate(context: unknown): void }).activate(anything());
const { user, system } = process.cpuUsage(started);
process.stdout.write(String((user + system) / 1000));
process.exit(0);
