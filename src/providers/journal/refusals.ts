/** A disk that will not be written, said as what it means for runs. */
import { BelayError } from '../../engine/errors.ts';
import { isErrno } from './errno.ts';

/** No room, no right, a disk that is read-only or fails. ENOENT: so a read-only disk answers who makes a folder and those above it. */
const ALWAYS: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO'];

/** Does what writes to the journal's folder. Throws `JOURNAL_WRITE` where the disk refuses; `also`: further codes that mean so here. */
export async function writing<T>(work: () => Promise<T>, ...also: string[]): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isErrno(error, ...ALWAYS, ...also)) throw error;
    // biome-ignore lint/style/useErrorCause: it is passed, with the rest
    throw new BelayError('JOURNAL_WRITE', `The folder of the journals cannot be written: ${error.message}.`, {
      hint: 'Make room on the disk or mend it, then try again: what was recorded is still there.',
      kind: 'internal',
      cause: error,
    });
  }
}
