import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CodeCache, cachedRequire } from './code-cache.ts';
import { Belay } from './testing/belay.ts';

let root: string;
let folder: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'belay-code-'));
  folder = join(root, 'chunks');
  file = join(root, 'kept', 'run');
  mkdirSync(folder);
  chunk(
    'main',
    'const other = require("./other.cjs"); exports.answer = () => other.twice(21); exports.basename = require("node:path").basename;',
  );
  // Long enough to be seen in the size of what is kept.
  chunk('other', `exports.twice = (x) => { ${'x += 1; x -= 1; '.repeat(500)} return 2 * x; }; exports.folder = __dirname;`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function chunk(name: string, code: string): void {
  writeFileSync(join(folder, `${name}.cjs`), `(function (exports, require, module, __dirname) {\n${code}\n})`);
}

/** What a command does: loads its first chunk, uses it, and keeps the code when it has ended. */
function command(use: (main: { answer(): number; basename: unknown }, require: NodeJS.Require) => unknown): unknown {
  const cache = new CodeCache(file, folder);
  const load = cachedRequire(createRequire(import.meta.url), cache, folder);
  const result = use(load('./chunks/main.cjs') as { answer(): number; basename: unknown }, load);
  cache.save();
  return result;
}

const answer = (): unknown => command((main) => main.answer());

/** Another file each time it is written. */
const written = (): number => statSync(file).ino;

describe('chunks', () => {
  test('find each other once, and the modules of Node', () => {
    command((main, load) => {
      expect(main.basename).toBe(load('node:path').basename);
      expect(load('./chunks/main.cjs')).toBe(main);
      expect(load(join(folder, 'other.cjs'))).toMatchObject({ folder });
      expect(load.resolve('node:path')).toBe('node:path');
    });
  });

  test('may be modules as Node knows them', () => {
    writeFileSync(join(folder, 'package.cjs'), '"use strict";\nexports.strict = (function () { return !this; })(); // the end');
    command((_main, load) => expect(load('./chunks/package.cjs')).toEqual({ strict: true }));
  });

  test('may need each other', () => {
    chunk('main', 'exports.early = 1; exports.seen = require("./other.cjs").seen;');
    chunk('other', 'exports.seen = require("./main.cjs").early;');
    expect(command((main) => main)).toEqual({ early: 1, seen: 1 });
  });

  test('that are missing or broken are faults, each time they are asked for', () => {
    command((_main, load) => {
      expect(() => load('./chunks/none.cjs')).toThrow('ENOENT');
      chunk('broken', 'const = 1;');
      expect(() => load('./chunks/broken.cjs')).toThrow(SyntaxError);
      chunk('broken', 'throw new Error("at its beginning");');
      expect(() => load('./chunks/broken.cjs')).toThrow('at its beginning');
      expect(() => load('./chunks/broken.cjs')).toThrow('at its beginning');
    });
  });
});

describe('kept code', () => {
  test('holds the functions that commands used, and is left alone when they have shown what they use', () => {
    command(() => undefined);
    const unused = statSync(file).size;
    expect(answer()).toBe(42);
    const used = statSync(file).size;
    expect(used).toBeGreaterThan(unused + 2000);
    // It holds what the earlier ones used, too.
    command(() => undefined);
    expect(statSync(file).size).toBeGreaterThan(unused + 2000);
    const last = written();
    answer();
    expect(written()).toBe(last);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('of a chunk that has changed is made anew', () => {
    for (let i = 0; i < 3; i += 1) answer();
    const before = readFileSync(join(folder, 'other.cjs'), 'utf8');
    const { mtimeMs } = statSync(join(folder, 'other.cjs'));
    // As long as before: V8 would take the old code for it.
    writeFileSync(join(folder, 'other.cjs'), before.replace('2 * x', '3 * x'));
    expect(statSync(join(folder, 'other.cjs')).mtimeMs).not.toBe(mtimeMs);
    const last = written();
    expect(answer()).toBe(63);
    expect(written()).not.toBe(last);
    expect(answer()).toBe(63);
  });

  test('of chunks that a command did not load stays, as long as they are there', () => {
    chunk('third', 'exports.used = () => 3;');
    command((_main, load) => (load('./chunks/third.cjs') as { used(): number }).used());
    answer();
    expect(readFileSync(file, 'latin1')).toContain('third.cjs');
    rmSync(join(folder, 'third.cjs'));
    answer();
    expect(readFileSync(file, 'latin1')).not.toContain('third.cjs');
    expect(answer()).toBe(42);
  });

  test.each([
    { what: 'empty', damage: () => truncateSync(file, 0) },
    { what: 'cut within its list', damage: () => truncateSync(file, 20) },
    { what: 'no cache at all', damage: () => writeFileSync(file, 'nothing of the kind') },
    { what: 'a list of something else', damage: () => writeFileSync(file, Buffer.concat([Buffer.of(4, 0, 0, 0), Buffer.from('null')])) },
    { what: 'cut within its code', damage: () => truncateSync(file, 1000) },
    { what: 'damaged within its code', damage: () => writeFileSync(file, readFileSync(file).fill(1, 1000)) },
  ])('that is $what is made anew', ({ damage }) => {
    answer();
    damage();
    expect(answer()).toBe(42);
    expect(answer()).toBe(42);
    expect(statSync(file).size).toBeGreaterThan(5000);
  });

  test('that cannot be written costs nothing but time', () => {
    writeFileSync(join(root, 'kept'), 'no folder');
    expect(answer()).toBe(42);
    expect(readFileSync(join(root, 'kept'), 'utf8')).toBe('no folder');
  });
});

test.each([
  { args: ['show', 'none'], code: 2, kept: [] },
  { args: ['rum'], code: 2, kept: [] },
  { args: ['validate', 'broken.flow.json'], code: 1, kept: ['validate'] },
  { args: ['runs'], code: 0, kept: ['runs'] },
  { args: ['--version'], code: 0, kept: ['belay'] },
])('belay $args ends with $code and keeps $kept', async ({ args, code, kept }) => {
  writeFileSync(join(root, 'broken.flow.json'), '{}');
  const belay = new Belay(root, args, { env: { XDG_CACHE_HOME: join(root, 'cache') } });
  expect((await belay.ended).code).toBe(code);
  expect(globSync('cache/belay/code/*/*', { cwd: root }).map((path) => basename(path))).toEqual(kept);
});
