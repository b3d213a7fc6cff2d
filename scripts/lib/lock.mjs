// @ts-check
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './log.mjs';
import { cacheFolder } from './paths.mjs';
import { isAlive } from './process.mjs';

/**
 * Runs `work` while no other process of this user runs work under the same name; a holder that has died is overruled.
 * @template T
 * @param {string} name a file name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, work) {
  mkdirSync(cacheFolder, { recursive: true });
  const file = join(cacheFolder, `${name}.lock`);
  let told = false;
  while (!take(file)) {
    if (!told) say(`another Belay script is busy with ${name}; waiting for it (${file})`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  // A signal ends the process without unwinding: the file must not stay behind then either.
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  if (isAbandoned(file)) rmSync(file, { force: true });
  return false;
}

/** @param {string} file */
function isAbandoned(file) {
  try {
    const holder = Number(readFileSync(file, 'utf8'));
    // Empty: either the holder is about to write its number, or it died just then.
    return holder > 0 ? !isAlive(holder) : Date.now() - statSync(file).mtimeMs > 10_000;
  } catch {
    return false;
  }
}
