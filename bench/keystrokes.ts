/**
 * `npx node bench/keystrokes.ts [NODES] [KEYSTROKES]`: what a keystroke in the text of a large flow costs. The extension host hands
 * the text to the language worker and asks for completion and problems; what it is busy with that is set against a frame (16 ms), and
 * against what the same work would cost it without a worker.
 */
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from '../src/extension/text/language-protocol.ts';
import { LanguageServer } from '../src/extension/text/language-server.ts';
import { largeFlow } from './large-flow.ts';

const [count = 1000, keystrokes = 60] = process.argv.slice(2).map(Number);
const FILE = '/bench/large.flow.json';
const KNOWN = { models: [], secrets: [] };

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;

function told(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const [median, most] = [quantile(sorted, 0.5), sorted.at(-1) ?? 0];
  console.log(`${name.padEnd(58)} median ${median.toFixed(2).padStart(8)} ms   worst ${most.toFixed(2).padStart(8)} ms`);
}

const text = largeFlow(count);
const at = text.indexOf('{{ steps.', Math.floor(text.length / 2)) + '{{ steps.'.length;
/** The text after so many letters of a word. */
const typed = (letters: number) => `${text.slice(0, at)}${'n'.repeat(letters % 8)}${text.slice(at)}`;

const worker = new Worker(new URL('../src/extension/text/language-worker.lazy.ts', import.meta.url));
const waiting = new Map<number, (message: FromWorker) => void>();
worker.on('message', (message: FromWorker) => waiting.get(message.id)?.(message));
let asked = 0;
const tell = (message: ToWorker) => worker.postMessage(message);
const ask = (message: { method: 'complete'; offset: number } | { method: 'check' }) =>
  new Promise<void>((resolve) => {
    asked += 1;
    waiting.set(asked, () => resolve());
    if (message.method === 'check') tell({ kind: 'ask', id: asked, method: 'check', params: { file: FILE } });
    else tell({ kind: 'ask', id: asked, method: 'complete', params: { file: FILE, offset: message.offset, known: KNOWN } });
  });

tell({ kind: 'text', file: FILE, text });
await ask({ method: 'check' });
/** Of this thread alone, in ms: on a machine that does other things as well, the clock would tell of those. */
const cpu = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1000;
};
const busy: number[] = [];
const answered: number[] = [];
for (let letter = 1; letter <= keystrokes; letter += 1) {
  const began = performance.now();
  const used = process.threadCpuUsage();
  tell({ kind: 'text', file: FILE, text: typed(letter) });
  const answer = ask({ method: 'complete', offset: at + (letter % 8) });
  busy.push(cpu(used));
  await answer;
  answered.push(performance.now() - began);
  // A pause in typing: the problems are asked for too.
  if (letter % 8 === 0) await ask({ method: 'check' });
}
await worker.terminate();

const alone = new LanguageServer();
const completing: number[] = [];
const checking: number[] = [];
for (let letter = 1; letter <= Math.min(keystrokes, 20); letter += 1) {
  alone.files.setText(FILE, typed(letter));
  const began = process.threadCpuUsage();
  alone.complete({ file: FILE, offset: at + (letter % 8), known: KNOWN });
  completing.push(cpu(began));
  const then = process.threadCpuUsage();
  alone.check({ file: FILE });
  checking.push(cpu(then));
}

console.log(`${count} nodes, ${(text.length / 1000).toFixed(0)} thousand characters, ${keystrokes} keystrokes`);
told('extension host, at work for a keystroke (CPU)', busy);
told('keystroke to completion (clock)', answered);
told('the same completion without a worker (CPU)', completing);
told('the same problems without a worker (CPU)', checking);
const worst = Math.max(...busy);
console.log(`The worst keystroke takes the extension host ${((worst / 16) * 100).toFixed(0)} % of a frame of 16 ms.`);
