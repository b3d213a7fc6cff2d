import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { whatIsMissing } from './dependencies.mjs';
import { isAtLeast } from './desktop.mjs';
import { toolEnvironment, withoutSecrets } from './environment.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wanted = {
  '': {},
  'node_modules/a': { version: '1.0.0' },
  'node_modules/a-win32': { version: '1.0.0', optional: true },
  'node_modules/local': { link: true },
};

test.each([
  { name: 'a first install', installed: undefined, missing: 'nothing is installed yet' },
  { name: 'up to date', installed: { 'node_modules/a': { version: '1.0.0' } }, missing: undefined },
  { name: 'a package is missing', installed: {}, missing: 'node_modules/a is missing' },
  { name: 'an older one', installed: { 'node_modules/a': { version: '0.9.0' } }, missing: 'node_modules/a is 0.9.0, not 1.0.0' },
  {
    name: 'an optional one of another version',
    installed: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/a-win32': { version: '0.9.0' } },
    missing: 'node_modules/a-win32 is 0.9.0, not 1.0.0',
  },
])('dependencies: $name', ({ installed, missing }) => {
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  if (installed !== undefined) {
    mkdirSync(join(folder, 'node_modules'));
    writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }));
  }
  expect(whatIsMissing(folder)).toBe(missing);
});

test.each([
  ['1.139.1', '1.106.0', true],
  ['1.106.0', '1.106.0', true],
  ['1.99.9', '1.106.0', false],
  ['2.0.0', '1.106.0', true],
  ['1.106.0-insider', '1.106.0', true],
  ['', '1.106.0', false],
])('VS Code %s is at least %s: %s', (version, minimum, fit) => {
  expect(isAtLeast(version, minimum)).toBe(fit);
});

test('tests see no key of a model service and no token', () => {
  const environment = {
    PATH: '/bin',
    BELAY_CHROMIUM: '/bin/chromium',
    OPENAI_API_KEY: 'k',
    OPENAI_BASE_URL: 'u',
    ANTHROPIC_AUTH_TOKEN: 'k',
    AZURE_OPENAI_ENDPOINT: 'u',
    SOMETHING_NEW_API_KEY: 'k',
    GITHUB_TOKEN: 'k',
    PASSWORD: 'k',
  };
  expect(withoutSecrets(environment)).toEqual({ PATH: '/bin', BELAY_CHROMIUM: '/bin/chromium' });
});

test('tools find Node 24 first and hear nothing of the npm script around them', () => {
  const environment = toolEnvironment('/somewhere/node24/bin/node', {
    PATH: '/bin',
    npm_package_name: 'belay',
    npm_config_cache: '/cache',
  });
  expect(environment.PATH?.split(':').at(0)).toBe('/somewhere/node24/bin');
  expect(environment.PATH?.split(':').at(-1)).toBe('/bin');
  expect(environment).not.toHaveProperty('npm_package_name');
  expect(environment).toHaveProperty('npm_config_cache', '/cache');
});
