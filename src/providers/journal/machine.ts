/**
 * What tells the journals of this user on this machine from those that came with a repository: a number drawn once, kept in the
 * user's home and written into every journal. Names of machines can be guessed; who guesses this could have the run of a clone gone
 * on with, and the yes that its forged journal holds.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { publishExclusively } from './atomic-file.ts';
import { FOLDER_MODE } from './layout.ts';

const IDENTITY = /^[0-9a-f]{32}$/;

/**
 * The home as the system knows it: editor and terminal may be given different environments, and have to come to the same number.
 * Windows has no place for state in the home itself; a dot folder is found by both.
 */
function homeFolder(): string {
  return join(userInfo().homedir, '.local', 'state', 'belay');
}

/**
 * 32 hex digits, the same for every process of the user; made at the first call. Where nothing can be kept, `substitute` stands in:
 * the boot of the machine, which cannot be guessed either, so that runs are resumed until the next one.
 */
export async function machineIdentity(substitute: () => Promise<string>, folder: () => string = homeFolder): Promise<string> {
  try {
    const path = join(folder(), 'machine');
    const known = readIdentity(path);
    if (known !== undefined) return known;
    await mkdir(folder(), { recursive: true, mode: FOLDER_MODE });
    const drawn = randomBytes(16).toString('hex');
    if (await publishExclusively(path, `${drawn}\n`, folder())) return drawn;
    return readIdentity(path) ?? (await orDrawn(substitute));
  } catch {
    return await orDrawn(substitute);
  }
}

function readIdentity(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return IDENTITY.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** With nothing to go by at all, runs are gone on with by the process that began them and by no other. */
async function orDrawn(substitute: () => Promise<string>): Promise<string> {
  return (await substitute()) || randomBytes(16).toString('hex');
}
