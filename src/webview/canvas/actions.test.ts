import { expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { GRAPH_ACTIONS } from '../protocol/actions.ts';
import { ACTIONS, chordOf } from './actions.ts';

const { contributes } = packageJson;
const PREFIX = 'belay.graph.';
const named = (all: readonly { command?: string }[]) =>
  all.flatMap(({ command }) => (command?.startsWith(PREFIX) ? [command.slice(PREFIX.length)] : []));

it('has a command, a place in the command palette and a row in the table for every action of the menus', () => {
  const actions = [...GRAPH_ACTIONS].sort();
  expect(named(contributes.commands).sort()).toEqual(actions);
  expect(named(contributes.menus.commandPalette).sort()).toEqual(actions);
  const rows = new Set(ACTIONS.map(({ id }) => id));
  expect(actions.filter((id) => !rows.has(id))).toEqual([]);
});

it('gives no two actions the same key, and writes keys as events are read', () => {
  const keys = ACTIONS.flatMap((action) => action.keys);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  const event = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  expect(chordOf({ ...event, key: 'D', ctrlKey: true })).toBe('mod+d');
  expect(chordOf({ ...event, key: 'E', shiftKey: true })).toBe('shift+e');
  expect(chordOf({ ...event, key: '?', shiftKey: true })).toBe('?');
  expect(chordOf({ ...event, key: 'ArrowLeft', shiftKey: true, metaKey: true })).toBe('mod+shift+arrowleft');
});
