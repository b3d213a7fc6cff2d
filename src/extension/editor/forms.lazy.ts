/** What forms want to know while somebody types, beside what the language worker says: a value of the run before, how a schedule reads. */
import { Cron } from 'croner';
import cronstrue from 'cronstrue';
import type { Json } from '../../engine/format/json.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { knownTools } from '../../engine/format/tool-names.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { redactor } from '../../engine/policy/redact.ts';
import { type PreviewPlace, previewOf } from '../../engine/run/preview.ts';
import type { RunView } from '../../engine/run/view.ts';
import type { Answers, Named, Preview } from '../../webview/protocol/ask.ts';
import type { Draft } from '../text/language-protocol.ts';

/** Longer values are cut. UTF-16 code units. */
const MOST_SHOWN = 4000;
/** How many moments of a schedule are told. */
const NEXT = 5;

/** The tools that a flow can name, as far as they are known without asking a server. */
export function toolsOf(text: string, lists: boolean): Named[] {
  return knownTools(Object.keys(parseFlow(text, catalog).flow?.mcpServers ?? {}), lists);
}

/** What the expression of a draft came out as in a run, without secrets. `place`: undefined where the flow cannot be read. */
export async function previewDraft(
  expression: Draft['expression'],
  place: PreviewPlace | undefined,
  { known, ...run }: { view: RunView; whole(value: Json): Promise<Json>; known: Iterable<string> },
): Promise<Preview> {
  if (!place) return { none: 'The flow has to be valid first.' };
  const result = await previewOf(expression, place, run);
  if ('none' in result) return result;
  const { value } = result;
  const shown = redactor(known)(typeof value === 'string' ? value : JSON.stringify(value, null, 2));
  return { value: shown.slice(0, MOST_SHOWN), isCut: shown.length > MOST_SHOWN };
}

/** Five fields, or six with seconds in front. Moments as people of the time zone read them. */
export function readCron({ text, timeZone }: { text: string; timeZone?: string | undefined }, now = new Date()): Answers['cron'] {
  const zone = timeZone === undefined || timeZone === '' ? {} : { timezone: timeZone };
  try {
    const words = cronstrue.toString(text, { use24HourTimeFormat: true });
    const moments = new Cron(text, { ...zone, paused: true, mode: '5-or-6-parts' }).nextRuns(NEXT, now);
    const format = new Intl.DateTimeFormat('en-GB', {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
      ...(zone.timezone === undefined ? {} : { timeZone: zone.timezone }),
    });
    return { words, next: moments.map((moment) => format.format(moment)) };
  } catch (thrown) {
    const said = (thrown instanceof Error ? thrown.message : String(thrown)).replace(/^(CronPattern|Error): ?/, '');
    return { problem: `${said.replace(/\.?$/, '.')} Expected five fields: minute, hour, day, month, weekday, such as 0 7 * * 1-5.` };
  }
}
