/**
 * A process of its own that takes a lock as often as it is told to: `locker.ts ROOT TIMES`. While it has it, it makes a folder that
 * must not be there and removes it; with the word `hang` instead of a number it says that it has the lock and keeps it.
 */
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileRunStore } from '../file-run-store.ts';
import { silentLog } from './silent-log.ts';

const [root = '', times = ''] = process.argv.slice(2);
const store = new FileRunStore({ root, kind: 'cli', log: silentLog, now: Date.now });

if (times === 'hang') {
  await store.exclusive('turns', async () => {
    process.stdout.write('held\n');
    await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  });
} else {
  for (let done = 0; done < Number(times); done += 1) {
    await store.exclusive('turns', async () => {
      mkdirSync(join(root, 'inside'));
      await new Promise((resolve) => setImmediate(resolve));
      rmdirSync(join(root, 'inside'));
    });
  }
}
