/** Registers what answers in the chat, the tools that flows are, and what the buttons of answers do. The rest is loaded with the first request. */
import * as vscode from 'vscode';
import { faultText, withoutLinks } from '../faults.ts';
import type { Decisions } from '../runs/decisions.ts';
import { isDecidable, type Question } from '../runs/questions.ts';
import type { RunRef } from '../runs/run-ref.ts';
import type { RunFlowInput } from './flow-tools.ts';
import type { ChatHost, Told } from './host.ts';
import { AGENTS, BELAY } from './participants.ts';

type Parts = Omit<ChatHost, 'onDidLeave'> & { decisions: Decisions };

/** Opens the chat with the beginning of a request, for the user to write on. */
export async function openChat(query: string): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.chat.open', { query, isPartialQuery: true });
}

export function registerChat({ decisions, ...parts }: Parts): vscode.Disposable[] {
  const left = new vscode.EventEmitter<RunRef>();
  const host: ChatHost = { ...parts, onDidLeave: left.event };
  const load = () => import('./chat.lazy.ts');

  const participants = [BELAY, ...Object.keys(AGENTS)].map((id) => {
    const participant = vscode.chat.createChatParticipant(id, async (request, { history }, stream, token) =>
      (await load()).respond(host, id, { request, history, stream, token }),
    );
    participant.iconPath = vscode.Uri.joinPath(parts.extensionUri, 'media', 'icon.png');
    participant.followupProvider = {
      provideFollowups: ({ metadata }) => ((metadata as Told | undefined)?.followups ?? []).map((it) => ({ ...it, participant: BELAY })),
    };
    return participant;
  });

  const drafts = async () => new (await load()).DraftCommands(parts.virtual);
  const commands: Record<string, (...args: never[]) => Promise<unknown> | unknown> = {
    /** `more.value`: what goes with the decision. A no asks for its reason. */
    decide: (question: Question, decision: string, more: { value?: string }) =>
      decision === 'rejected' && isDecidable(question.kind) ? decisions.reject(question) : decisions.decide(question, decision, more),
    leave: (ref: RunRef) => left.fire(ref),
    createFlow: async (draft: string) => (await drafts()).create(draft),
    fillFlow: async (draft: string, flow: string) => (await drafts()).fill(draft, flow),
    applyChange: async (flow: string, before: string, after: string) => (await drafts()).apply(flow, before, after),
    discardDraft: async (draft: string) => (await drafts()).discard(draft),
    describe: () => openChat('@belay /new '),
    begin: (query: string) => openChat(query),
  };

  return [
    left,
    ...participants,
    vscode.lm.registerTool<object>('belay_list_flows', { invoke: async () => (await load()).listFlows() }),
    vscode.lm.registerTool<RunFlowInput>('belay_run_flow', {
      prepareInvocation: async ({ input }) => (await load()).prepareRun(host, input),
      invoke: async ({ input }, token) => (await load()).runFlow(host, input, token),
    }),
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`belay.chat.${name}`, async (...args: never[]) => {
        try {
          await run(...args);
        } catch (error) {
          parts.log.error(`belay.chat.${name}`, error);
          void vscode.window.showErrorMessage(withoutLinks(faultText(error)));
        }
      }),
    ),
  ];
}
