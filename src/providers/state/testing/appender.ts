/** A process of its own that appends to one key: `node appender.ts ROOT NAME COUNT`. Says each number when it is remembered. */
import { FileState } from '../file-state.ts';

const [root = '', name = '', count = '0'] = process.argv.slice(2);
const state = new FileState(root);
for (let i = 0; i < Number(count); i += 1) {
  const change = { action: 'append', value: `${name}${i}` } as const;
  await state.change({ scope: 'workspace', key: 'list' }, change, { id: `${name}${i}`, run: name, at: i });
  process.stdout.write(`${i}\n`);
}
