/** Who answers in the chat. They are static in package.json; `participants.test.ts` holds both to each other. */

export const BELAY = 'belay.belay';

/** The agents that have a name of their own in the chat, by the id of their participant. All others answer to `@belay /agent NAME`. */
export const AGENTS: Readonly<Record<string, string>> = {
  'belay.assistant': 'assistant',
  'belay.commander': 'commander',
  'belay.filesurfer': 'filesurfer',
  'belay.websurfer': 'websurfer',
};

export const COMMANDS = ['run', 'new', 'explain', 'fix', 'agent'] as const;
export type ChatCommand = (typeof COMMANDS)[number];

export function isChatCommand(name: string | undefined): name is ChatCommand {
  return COMMANDS.some((command) => command === name);
}
