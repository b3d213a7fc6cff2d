/** What was measured, as Markdown that says nothing about the machine but what matters: cores and Node. */
import { cpus } from 'node:os';
import type { Results } from './goals.ts';
import { GOALS, MEMORY_HEAP, reached } from './goals.ts';
import type { Result } from './race.ts';
import type { Contender } from './work.ts';
import { LIMITS, NAMES, PEERS, PROCESS_WORKLOADS, VARIANTS, WORKLOADS } from './work.ts';

export interface ReportOptions {
  results: Results;
  rounds: number;
  /** Of each peer: its version, and what is special about how it ran. */
  peers: ReadonlyMap<string, { version: string; note?: string }>;
}

export function report(options: ReportOptions): string {
  const { results, rounds, peers } = options;
  const versions = [...peers].map(([name, { version, note }]) => `${name} ${version}${note === undefined ? '' : ` (${note})`}`);
  const parts = [
    '# Benchmarks',
    `Medians of ${rounds} rounds of half a second for each contender, interleaved, after a second of warming up, in turns, for each and each round. ${cpus().length} cores, Node ${process.version}. Peers: ${versions.join(', ') || 'not asked'}.`,
    'Made by `npm run bench`. Limits are no engine at all, measured in the process that runs Belay: a turn of the event loop; a JSON line appended; the same and fdatasync, for each step; two lines for each step and syncs shared by all that happens at once; a bare JSON.stringify of the line.',
    '## Goals',
    goalTable(results),
    stepTable(results),
    peerTable(results),
    processTable(results),
    memoryTable(results),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** A row of results as they come in: whoever waits for the rest sees them. */
export function interim(row: ReadonlyMap<string, Result>, of: { steps: number; unit: 'µs' | 'ms' }): string {
  return [...row].map(([contender, result]) => `${contender} ${cell(result, of, (it) => it.ms, undefined)}`).join(' | ');
}

function goalTable(results: Results): string {
  const rows = GOALS.map((goal) => {
    const write = (it: number): string => `${digits(it)} ×`;
    const value = reached(goal, results);
    const allowed = `≤ ${write(goal.allowed)}`;
    if (value === undefined) return [goal.text, '–', allowed, 'not measured'];
    if (typeof value !== 'number') return [goal.text, `failed: ${plain(value.failed)}`, allowed, '**not met**'];
    return [goal.text, write(value), allowed, value <= goal.allowed ? 'met' : '**not met**'];
  });
  return table(['goal', 'reached', 'allowed', ''], rows);
}

function stepTable(results: Results): string {
  const columns: Contender[] = [...LIMITS, ...VARIANTS];
  const rows = measuredWorkloads(results).map(({ workload, row }) => {
    const base = msOf(row.get('append'));
    const cells = columns.map((contender) => cell(row.get(contender), workload, (it) => it.ms, contender === 'append' ? undefined : base));
    const whole = (['pure', 'synced'] as const).map((contender) =>
      cell(row.get(contender), workload, (it) => it.wholeMs ?? it.ms, undefined),
    );
    return [workload.title, ...cells, ...whole];
  });
  return section(
    'Belay and the limits',
    'For each step (µs; ms for 5 MB), from the moment all runs are there to the end of the last step. In brackets: how many times the appended line. "Start to end" holds the making and finishing of the runs, too.',
    ['workload', ...columns.map((it) => NAMES[it]), 'Belay, start to end', 'Belay, effects, start to end'],
    rows,
  );
}

function peerTable(results: Results): string {
  const columns: Contender[] = ['pure', 'synced', ...PEERS];
  const rows = measuredWorkloads(results).flatMap(({ workload, row }) => {
    if (!PEERS.some((peer) => row.has(peer))) return [];
    const base = wholeOf(row.get('pure'));
    return [
      [
        workload.title,
        ...columns.map((contender) =>
          cell(row.get(contender), workload, (it) => it.wholeMs ?? it.ms, contender === 'pure' ? undefined : base),
        ),
      ],
    ];
  });
  return section(
    'Belay and its peers',
    'For each step (µs; ms for 5 MB), from the call that starts to the end. In brackets: how many times Belay with its journal. Stores of the peers do not sync each commit; Belay always syncs when a run begins and ends, and around effects.',
    ['workload', ...columns.map((it) => NAMES[it])],
    rows,
  );
}

function processTable(results: Results): string {
  const columns = ['bare', 'pure', ...PEERS] as const;
  const rows = PROCESS_WORKLOADS.flatMap(({ id, title }) => {
    const row = results.get(id);
    if (row === undefined) return [];
    const base = msOf(row.get('bare'));
    return [
      [
        title,
        ...columns.map((entrant) => cell(row.get(entrant), { steps: 1, unit: 'ms' }, (it) => it.ms, entrant === 'bare' ? undefined : base)),
      ],
    ];
  });
  const about =
    'From the start of the process to its end, or for a resumed run to the end of the next node, ms. In brackets: how many times bare Node.';
  return section('Whole processes', about, ['', ...columns.map((it) => NAMES[it])], rows);
}

function memoryTable(results: Results): string {
  const columns: Contender[] = ['pure', ...PEERS];
  const rows = measuredWorkloads(results).flatMap(({ workload, row }) => {
    if (workload.work.kind !== 'payload') return [];
    const peak = (contender: Contender): string => {
      const result = row.get(contender);
      return result !== undefined && 'measured' in result ? `${((result.measured.peakBytes ?? 0) / 1e6).toFixed(0)}` : '–';
    };
    return [[workload.title, ...columns.map(peak)]];
  });
  return section(
    'Memory',
    `How far the memory of the process rose while it handed the value on, over all rounds, MB. Belay: once, in a process of its own with a heap of ${MEMORY_HEAP} MB, in which what it held on to would not fit.`,
    ['', ...columns.map((it) => NAMES[it])],
    rows,
  );
}

function measuredWorkloads(results: Results) {
  return WORKLOADS.flatMap((workload) => {
    const row = results.get(workload.id);
    return row === undefined ? [] : [{ workload, row }];
  });
}

type Measured = Extract<Result, { measured: unknown }>['measured'];

function cell(
  result: Result | undefined,
  { steps, unit }: { steps: number; unit: 'µs' | 'ms' },
  read: (it: Measured) => number,
  base: number | undefined,
): string {
  if (result === undefined) return '–';
  if ('none' in result) return 'none';
  if ('failed' in result) return `failed: ${plain(result.failed)}`;
  const ms = read(result.measured);
  const each = (unit === 'µs' ? ms * 1000 : ms) / steps;
  return `${digits(each)}${base === undefined ? '' : ` (${digits(ms / base)} ×)`}`;
}

function msOf(result: Result | undefined): number | undefined {
  return result !== undefined && 'measured' in result ? result.measured.ms : undefined;
}

function wholeOf(result: Result | undefined): number | undefined {
  return result !== undefined && 'measured' in result ? (result.measured.wholeMs ?? result.measured.ms) : undefined;
}

/** Nothing that would break the table. */
function plain(text: string): string {
  return text.replaceAll('|', '/');
}

/** As many digits as mean something. */
function digits(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Nothing where nothing of it was measured. */
function section(title: string, about: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `## ${title}\n\n${about}\n\n${table(head, rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
