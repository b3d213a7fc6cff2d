/**
 * Checks the arrows between the rooms (.dependency-cruiser.cjs) in the folder it is started in; exit 1 if one points the wrong way.
 *
 * dependency-cruiser reads TypeScript through the compiler's JavaScript API, which TypeScript 7 does not have; without one it
 * looks at no .ts file and reports that all is well. Its other parser (swc) overlooks `import('x').T` and stops at `using`.
 * So it gets the last TypeScript that has the API, installed beside ours as `typescript-js`: seen by this process only.
 */
import { existsSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) => next(specifier.replace(/^typescript(?=$|\/)/, 'typescript-js'), context),
});
const { allExtensions, cruise } = await import('dependency-cruiser');
if (!allExtensions.some(({ extension, available }) => extension === '.ts' && available)) {
  throw new Error('dependency-cruiser cannot read TypeScript: is the dev dependency typescript-js installed?');
}

const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const rooms = ['src', 'test', 'scripts'].filter((folder) => existsSync(folder));
const { output, exitCode } = await cruise(
  rooms,
  { ...options, ruleSet: { forbidden }, validate: true, outputType: 'err-long' },
  options.enhancedResolveOptions,
);
console.log(output);
process.exitCode = exitCode;
