/**
 * `node activate.ts EXTENSION`: loads and activates the built extension as VS Code does, in a host that answers everything and does
 * nothing, and prints as JSON what that took in CPU milliseconds, which files were read, and how many workers were started.
 */
import { createRequire, isBuiltin, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

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

const files: string[] = [];
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (!isBuiltin(specifier)) files.push(fileURLToPath(found.url));
    return found;
  },
});
let workers = 0;
process.on('worker', () => {
  workers += 1;
});

const [, , file = ''] = process.argv;
const started = process.cpuUsage();
(require(file) as { activate(context: unknown): void }).activate(anything());
const { user, system } = process.cpuUsage(started);
const cpu = (user + system) / 1000;
// What is begun at activation and comes later, such as the look at the runs of the workspace.
for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
process.stdout.write(JSON.stringify({ cpu, files, workers }));
process.exit(0);
