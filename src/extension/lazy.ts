/**
 * What is loaded only when it is needed, so that activation stays quick: the build keeps each `*.lazy.ts` in a bundle of its own.
 */
type Language = typeof import('./language.lazy.ts');
type Runtime = typeof import('./runtime.lazy.ts');

let language: Promise<Language> | undefined;
let runtime: Promise<Runtime> | undefined;

/** Parser and messages of the web view: from the first flow that is opened. */
export function loadLanguage(): Promise<Language> {
  language ??= import('./language.lazy.ts');
  return language;
}

/** Engine, providers and journals: from the first run, or the first look at runs on disk. */
export function loadRuntime(): Promise<Runtime> {
  runtime ??= import('./runtime.lazy.ts');
  return runtime;
}
