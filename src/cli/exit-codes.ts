/** How `belay` ends: the numbers scripts and CI rely on. Shown by `belay --help`, never renumbered. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: 'It worked; a run succeeded.' },
  failed: { code: 1, meaning: 'The flow has problems, or the run failed.' },
  usage: { code: 2, meaning: 'The command line is wrong: an option, an input, a file or a run that is not there.' },
  parked: {
    code: 3,
    meaning: 'The run waits for a person, and nobody can be asked here. It goes on with `belay approve`, `reject`, `answer` or `resume`.',
  },
  rejected: { code: 4, meaning: 'A person said no, and the flow has no path for that.' },
  cancelled: { code: 5, meaning: 'The run was cancelled.' },
  owned: { code: 6, meaning: 'Another process has the run (or it belongs to another machine).' },
  decided: { code: 7, meaning: 'Somebody else had answered first.' },
  storage: { code: 8, meaning: 'The journal cannot be read or written.' },
  skipped: { code: 9, meaning: 'Not started: the flow allows no more runs at the same time, and its policy is to skip.' },
  defect: { code: 70, meaning: 'A defect in Belay.' },
  killed: { code: 130, meaning: 'Ctrl+C a second time: ended at once. A run that had not ended goes on with `belay resume`.' },
} as const satisfies Record<string, { code: number; meaning: string }>;

export type Exit = keyof typeof EXIT_CODES;

/** The end that goes with a fault's code. */
export function exitOfFault(code: string): Exit {
  if (code === 'INTERNAL') return 'defect';
  if (code === 'RUN_OWNED' || code === 'RUN_FOREIGN' || code === 'RUN_LOST') return 'owned';
  if (/^(JOURNAL|OBJECT|INBOX)_/.test(code)) return 'storage';
  if (code === 'RUN_SKIPPED') return 'skipped';
  if (code === 'FLOW_INVALID' || code === 'MOVE_CONFLICT') return 'failed';
  return 'usage';
}

/** The table, as lines of text. */
export function exitCodeTable(): string {
  return Object.values(EXIT_CODES)
    .map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`)
    .join('\n');
}
