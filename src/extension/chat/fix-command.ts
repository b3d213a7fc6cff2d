/** `@belay /fix`: what can be mended without thinking first, then what a model proposes; nothing changes before it was seen as a comparison. */
import * as vscode from 'vscode';
import { catalog } from '../../engine/nodes/catalog.ts';
import type { ModelMessage } from '../../engine/ports.ts';
import { VIRTUAL_FLOW } from '../editor/virtual-flows.ts';
import { askModel, nameOfModel } from './ask-model.ts';
import { changedText } from './change.ts';
import { counts, draftFlow, flowIn, mended, told } from './draft.ts';
import { describeFlow, describeRun, failedRun } from './explain-command.ts';
import { fileNameOf } from './flow-names.ts';
import type { ChatHost, Told, Turn } from './host.ts';
import { code, plain } from './narrate.ts';
import { guideMessage } from './new-command.ts';
import { offerFlows } from './run-command.ts';
import { withIcons } from './tell-run.ts';
import { checkAt, findFlow, type WorkspaceFlow } from './workspace-flows.ts';

const KEEP = 'Change as little as you can: keep ids, titles, order, keys you do not know, and the layout.';

export async function fixCommand(host: ChatHost, turn: Turn): Promise<Told> {
  const { request, stream } = turn;
  const found = await findFlow(host.editors, request.prompt.trim());
  if (Array.isArray(found)) return offerFlows(found, request.prompt.trim(), stream);
  if (found.uri.scheme === VIRTUAL_FLOW) {
    stream.markdown('This flow is in no file. Say with `/new` what is to be different about a draft, or create its file first.');
    return {};
  }
  const problems = checkAt(found.uri, found.text).filter(counts);
  if (problems.length > 0) return fixProblems(host, turn, found, problems.map(told));
  const failed = await failedRun(host, found);
  if (failed) return fixRun(host, turn, found, describeRun(failed.view));
  stream.markdown(withIcons(`$(pass) ${code(found.path)} has no problem, and its last run did not fail.\n`));
  return { followups: [{ prompt: found.path, label: 'Run it', command: 'run' }] };
}

async function fixProblems(host: ChatHost, turn: Turn, found: WorkspaceFlow, problems: readonly string[]): Promise<Told> {
  const { stream } = turn;
  const what = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const list = `${code(found.path)} has ${what}:\n\n${problems.map((problem) => `- ${plain(problem)}`).join('\n')}\n\n`;
  const check = (text: string) => checkAt(found.uri, text);
  const first = mended(found.text, check, catalog);
  if (first.problems.length === 0) {
    stream.markdown(`${list}All of it can be mended without a model. `);
    return propose(host, turn, found, first.text, []);
  }
  stream.progress(`Asking the model about ${first.problems.length === 1 ? 'the one' : `the ${first.problems.length}`} that need thinking…`);
  const drafted = await draftFlow(
    [
      guideMessage(),
      {
        role: 'user',
        content: `${describeFlow({ ...found, text: first.text })}\n\nMend its problems. ${KEEP} Answer with the whole flow alone: one JSON object.`,
      },
    ],
    { catalog, ask: (messages) => ask(host, turn, messages), check },
  );
  // Behind what is shown while it works, which VS Code folds away.
  stream.markdown(list);
  const better = drafted.text !== undefined && drafted.problems.length < first.problems.length;
  if (better) return propose(host, turn, found, changedText(first.text, drafted.text ?? '', catalog), drafted.problems.map(told));
  stream.markdown('The model found nothing that makes it better. ');
  if (first.text === found.text) {
    stream.markdown('Nothing was changed.\n');
    return {};
  }
  return propose(host, turn, found, first.text, first.problems.map(told));
}

/** The model says why the run failed, in words; a flow at the end of what it says is a proposal. */
async function fixRun(host: ChatHost, turn: Turn, found: WorkspaceFlow, run: string): Promise<Told> {
  const { stream } = turn;
  stream.markdown(`The last run of ${code(found.path)} failed. `);
  let held = '';
  let isCode = false;
  const said = await ask(
    host,
    turn,
    [
      guideMessage(),
      {
        role: 'user',
        content: [
          describeFlow(found),
          run,
          'Say in at most 100 words why the run failed and what helps. If a change of the flow helps, put the whole changed flow at the end, in one ```json block; ' +
            `if the cause is elsewhere (a key, a service, a file that is missing), give no flow. ${KEEP}`,
        ].join('\n\n'),
      },
    ],
    (text) => {
      // Words are shown as they come, but not the flow: that is shown as a comparison.
      held += text;
      const fence = held.indexOf('```');
      if (isCode) return;
      isCode = fence >= 0;
      const safe = isCode ? held.slice(0, fence) : held.slice(0, Math.max(0, held.length - 3));
      if (safe !== '') stream.markdown(safe);
      held = held.slice(safe.length);
    },
  );
  if (!isCode && held !== '') stream.markdown(held);
  stream.markdown('\n\n');
  const proposed = said.includes('```') ? flowIn(said) : undefined;
  if (proposed === undefined) return { followups: [{ prompt: found.path, label: 'Run it again', command: 'run' }] };
  const { text, problems } = mended(proposed, (it) => checkAt(found.uri, it), catalog);
  if (problems.some(({ severity }) => severity === 'error')) {
    stream.markdown(withIcons('$(warning) The change that it proposes would not run, so it is left out.\n'));
    return {};
  }
  return propose(host, turn, found, changedText(found.text, text, catalog), problems.map(told));
}

/** Shows the change beside the flow as it is, with the choice to apply it. */
async function propose(host: ChatHost, { stream }: Turn, found: WorkspaceFlow, text: string, left: readonly string[]): Promise<Told> {
  const name = fileNameOf(found.path.replace(/\.flow\.json$/, ''));
  const before = await host.virtual.addDraft(`${name}-now`, found.text, 'text');
  const after = await host.virtual.addDraft(`${name}-proposed`, text, 'text');
  await vscode.commands.executeCommand('vscode.diff', before, after, `${found.path}: proposed change`, {
    preview: true,
    preserveFocus: true,
  });
  if (left.length > 0) stream.markdown(`What is left after it:\n\n${left.map((problem) => `- ${plain(problem)}`).join('\n')}\n\n`);
  stream.markdown('The comparison shows the change. Nothing is written yet.\n\n');
  stream.button({
    command: 'belay.chat.applyChange',
    title: 'Apply',
    arguments: [found.uri.toString(), before.toString(), after.toString()],
  });
  stream.button({ command: 'belay.chat.discardDraft', title: 'Discard', arguments: [after.toString()] });
  // Nothing to run yet: until it is applied, the flow is what it was.
  return {};
}

function ask(
  { settings }: ChatHost,
  { request, token }: Turn,
  messages: readonly ModelMessage[],
  onText?: (text: string) => void,
): Promise<string> {
  return askModel(settings, nameOfModel(request.model), messages, { token, ...(onText ? { onText } : {}) });
}
