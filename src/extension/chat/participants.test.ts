import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BUILT_IN_AGENTS } from '../../engine/agents/built-in.ts';
import { AGENTS, BELAY, COMMANDS } from './participants.ts';

const { contributes } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
const participants: { id: string; name: string; commands?: { name: string }[] }[] = contributes.chatParticipants;

test('who answers in the chat is who package.json names', () => {
  expect(participants.map(({ id }) => id).sort()).toEqual([BELAY, ...Object.keys(AGENTS)].sort());
  expect(Object.values(AGENTS)).toEqual(BUILT_IN_AGENTS);
  for (const { id, name } of participants) if (id !== BELAY) expect(AGENTS[id]).toBe(name);
  expect(participants.find(({ id }) => id === BELAY)?.commands?.map(({ name }) => name)).toEqual([...COMMANDS]);
});
