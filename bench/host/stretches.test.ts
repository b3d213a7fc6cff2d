import { expect, test } from 'vitest';
import { stretchesOf } from './stretches.ts';

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 4 });
// (root) → idle, VS Code → ours → a system call, and the collector.
const nodes = [
  { id: 1, callFrame: frame('(root)'), children: [2, 3, 6] },
  { id: 2, callFrame: frame('(idle)') },
  { id: 3, callFrame: frame('fire', 'vscode.js'), children: [4] },
  { id: 4, callFrame: frame('parse', 'dist/ours.js'), children: [5] },
  { id: 5, callFrame: frame('slice') },
  { id: 6, callFrame: frame('(garbage collector)') },
];
const stretches = (samples: number[], timeDeltas = samples.map(() => 1000)) =>
  stretchesOf({ nodes, samples, timeDeltas }, (url) => url.endsWith('ours.js'), 1000);

test('a stretch lasts as long as ours is on the stack, with what it calls and what is collected in it', () => {
  expect(stretches([2, 4, 5, 6, 4, 3, 4, 2])).toEqual([
    { ms: 4, in: ['parse (ours.js:5) 3.0 ms', '(garbage collector) 1.0 ms'] },
    { ms: 1, in: ['parse (ours.js:5) 1.0 ms'] },
  ]);
  expect(stretches([2, 3, 6, 2])).toEqual([]);
});

test('a thread that waited for its core has not worked meanwhile', () => {
  expect(stretches([4, 4, 2], [1000, 1000, 50_000])).toMatchObject([{ ms: 3 }]);
});
