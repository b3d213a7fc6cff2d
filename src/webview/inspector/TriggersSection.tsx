/** What is to start the flow by itself. The format knows triggers already; no version of Belay acts on them yet, and the form says so. */
import { useEffect, useState } from 'react';
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import type { Flow } from '../../engine/format/model.ts';
import type { Answers } from '../protocol/ask.ts';
import { setFlow } from '../state/gestures.ts';
import { useEditor } from '../ui/context.tsx';
import { Button, Checkbox, Icon, IconButton } from '../ui/elements.tsx';
import { TextInput } from './Field.tsx';
import { readJson, writeJson } from './form-model.ts';
import { Section } from './Section.tsx';

type Triggers = NonNullable<Flow['triggers']>;

/** Pause in typing after which the host is asked (ms). */
const PAUSE = 200;
const ON_WEEKDAYS = '0 7 * * 1-5';

/** How a schedule reads, and when it comes next, in the time zone. */
function CronReading({ text, timeZone }: { text: string; timeZone: string }) {
  const editor = useEditor();
  const [reading, setReading] = useState<Answers['cron']>();
  useEffect(() => {
    let current = true;
    const timer = window.setTimeout(async () => {
      const found = await editor.ask({ about: 'cron', text, ...(timeZone === '' ? {} : { timeZone }) });
      if (current) setReading(found);
    }, PAUSE);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [editor, text, timeZone]);
  if (!reading) return null;
  if ('problem' in reading) {
    return (
      <p className="field-problem error" role="status">
        <Icon name="error" />
        <span>{reading.problem}</span>
      </p>
    );
  }
  return (
    <div className="cron" role="status">
      <p>{reading.words}</p>
      <p className="field-about">Next:</p>
      <ol className="cron-next">
        {reading.next.map((moment) => (
          <li key={moment}>{moment}</li>
        ))}
      </ol>
    </div>
  );
}

interface TriggerProps {
  name: string;
  trigger: Triggers[string];
  readonly: boolean;
  set(path: string[], value: Json | undefined): undefined;
}

function Schedule({ name, trigger, readonly, set }: TriggerProps) {
  const params = trigger.with ?? {};
  const cron = typeof params.cron === 'string' ? params.cron : '';
  const timeZone = typeof params.timeZone === 'string' ? params.timeZone : '';
  const [typed, setTyped] = useState<string>();
  return (
    <>
      <div className="row-line">
        <span className="row-name" aria-hidden="true">
          Cron
        </span>
        <TextInput
          label={`Cron of ${name}`}
          value={cron}
          placeholder={ON_WEEKDAYS}
          monospace
          readonly={readonly}
          watch={setTyped}
          write={(text) => set(['with', 'cron'], text.trim() === '' ? undefined : text.trim())}
        />
      </div>
      <div className="row-line">
        <span className="row-name" aria-hidden="true">
          Zone
        </span>
        <TextInput
          label={`Time zone of ${name}`}
          value={timeZone}
          placeholder="of the machine; or Europe/Berlin"
          readonly={readonly}
          write={(text) => set(['with', 'timeZone'], text.trim() === '' ? undefined : text.trim())}
        />
      </div>
      {(typed ?? cron).trim() !== '' && <CronReading text={(typed ?? cron).trim()} timeZone={timeZone} />}
    </>
  );
}

function Trigger(props: TriggerProps) {
  const { name, trigger, readonly, set } = props;
  return (
    <li className="row-card">
      <div className="row-head">
        <span>
          <code>{name}</code> {trigger.type}
        </span>
        {!readonly && <IconButton icon="close" label={`Remove trigger ${name}`} onClick={() => set([], undefined)} />}
      </div>
      <Checkbox
        label="Disabled"
        checked={trigger.disabled === true}
        disabled={readonly}
        onChange={(checked) => set(['disabled'], checked ? true : undefined)}
      />
      {trigger.type === 'schedule' ? (
        <Schedule {...props} />
      ) : (
        <TextInput
          label={`Settings of ${name}`}
          value={writeJson(trigger.with as Json | undefined)}
          placeholder="{ }"
          multiline
          monospace
          rows={2}
          readonly={readonly}
          write={(typed) => {
            const read = readJson(typed);
            if (!read.ok) return read.problem;
            return read.value === undefined || isJsonObject(read.value) ? set(['with'], read.value) : 'Expected a JSON object.';
          }}
        />
      )}
    </li>
  );
}

export function TriggersSection({ triggers, readonly }: { triggers: Triggers; readonly: boolean }) {
  const editor = useEditor();
  const names = Object.keys(triggers);
  const set = (name: string) => (path: string[], value: Json | undefined) => {
    const isLast = path.length === 0 && value === undefined && names.length === 1;
    editor.perform(setFlow(isLast ? ['triggers'] : ['triggers', name, ...path], value, `trigger ${name}`));
    return undefined;
  };
  const add = () => {
    let name = 'schedule';
    for (let number = 2; Object.hasOwn(triggers, name); number += 1) name = `schedule${number}`;
    editor.perform(setFlow(['triggers', name], { type: 'schedule', with: { cron: ON_WEEKDAYS } }, `trigger ${name}`));
  };
  return (
    <Section title="Triggers" note={names.length === 0 ? '' : String(names.length)}>
      <p className="untrusted">
        <Icon name="info" />
        <span>
          Nothing is started by triggers yet: this version only keeps what is written here. Run the flow by hand or from a script.
        </span>
      </p>
      {names.length > 0 && (
        <ul className="rows">
          {Object.entries(triggers).map(([name, trigger]) => (
            <Trigger key={name} name={name} trigger={trigger} readonly={readonly} set={set(name)} />
          ))}
        </ul>
      )}
      {!readonly && (
        <Button secondary icon="watch" onClick={add} name="add-schedule">
          Add a schedule
        </Button>
      )}
    </Section>
  );
}
