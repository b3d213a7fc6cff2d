/** fast-check with the seed that vitest.config.ts decides on, for every random test. A counterexample tells it. */
import fc from 'fast-check';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    seed: number;
  }
}

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: inject('seed') });

export { fc };
