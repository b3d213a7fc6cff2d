/** What the engine does around a step, whatever its type: when it starts, who is asked, how often it is tried. */
import type { Json, JsonPath } from '../../engine/format/json.ts';
import type { NodeManifest } from '../../engine/format/manifest.ts';
import { DURATION, type Effect, type NodeSpec } from '../../engine/format/model.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { setParam } from '../state/gestures.ts';
import { paramsOf } from '../state/graph-model.ts';
import { useEditor } from '../ui/context.tsx';
import { Checkbox, Select } from '../ui/elements.tsx';
import { Field, TextInput } from './Field.tsx';
import { readNumber } from './form-model.ts';
import { Section } from './Section.tsx';

const EFFECTS: readonly Effect[] = ['none', 'read', 'write', 'irreversible'];
const EFFECT_WORDS: { readonly [E in Effect]: string } = {
  none: 'None: only computes',
  read: 'Read: only looks',
  write: 'Write: changes files or state',
  irreversible: 'Irreversible: needs a yes',
};
const NO_DURATION = 'Expected a duration such as 30s, 5m or 2h.';

interface FlowControlProps {
  id: string;
  node: NodeSpec;
  manifest: NodeManifest | undefined;
  readonly: boolean;
  problemsAt(path: JsonPath): Problem[];
}

export function FlowControl({ id, node, manifest, readonly, problemsAt }: FlowControlProps) {
  const editor = useEditor();
  const set = (path: string[], value: Json | undefined, what: string) => {
    editor.perform(setParam(id, path, value, what));
    return undefined;
  };
  const setDuration = (path: string[], typed: string, what: string): string | undefined => {
    const text = typed.trim();
    if (text !== '' && !DURATION.test(text)) return NO_DURATION;
    return set(path, text === '' ? undefined : text, what);
  };
  const changed = [node.join, node.gate, node.effect, node.retry, node.timeout, node.continueOnFailure, node.disabled].filter(
    (value) => value !== undefined,
  ).length;
  const natural = manifest?.effect(paramsOf(node)) ?? 'none';
  const lowest = EFFECTS.indexOf(manifest?.lowestEffect(paramsOf(node)) ?? 'none');
  const { timeout, retry } = node;
  const setTimeOut = (key: 'attempt' | 'total', typed: string): string | undefined => {
    const text = typed.trim();
    if (text !== '' && !DURATION.test(text)) return NO_DURATION;
    const both = { ...(typeof timeout === 'string' ? { attempt: timeout } : timeout) };
    if (text === '') delete both[key];
    else both[key] = text;
    const { attempt, total } = both;
    const next: Json | undefined =
      attempt !== undefined && total !== undefined ? { attempt, total } : total !== undefined ? { total } : attempt;
    return set(['timeout'], next, 'time-out');
  };

  return (
    <Section title="Flow control" note={changed === 0 ? '' : `${changed} set`}>
      <Field title="Start when" description="With several incoming edges: when this step starts." problems={problemsAt(['join'])}>
        <Select
          label="Start when"
          value={typeof node.join === 'object' ? 'atLeast' : (node.join ?? 'all')}
          disabled={readonly}
          choices={[
            { value: 'all', label: 'All taken edges have arrived' },
            { value: 'any', label: 'The first edge arrives' },
            { value: 'atLeast', label: 'A quorum has arrived' },
          ]}
          onChange={(chosen) => set(['join'], chosen === 'all' ? undefined : chosen === 'any' ? 'any' : { atLeast: 2 }, 'join')}
        />
        {typeof node.join === 'object' && (
          <TextInput
            label="How many edges"
            value={String(node.join.atLeast)}
            readonly={readonly}
            write={(typed) => {
              const read = readNumber(typed, 'integer');
              if (!read.ok) return read.problem;
              if (typeof read.value !== 'number' || read.value < 1) return 'Expected a number from 1.';
              return set(['join'], { atLeast: read.value }, 'join');
            }}
          />
        )}
      </Field>
      <Field title="Gate" problems={problemsAt(['gate'])}>
        <Checkbox
          label="Ask a person before this step runs"
          checked={node.gate !== undefined}
          disabled={readonly}
          onChange={(checked) => set(['gate'], checked ? true : undefined, 'gate')}
        />
        {node.gate !== undefined && (
          <TextInput
            label="Message of the gate"
            placeholder="What to ask (a template)"
            multiline
            rows={2}
            expression={{ node: id, path: ['gate'], kind: 'template', toValue: (message) => ({ message }) }}
            value={node.gate === true ? '' : node.gate.message}
            readonly={readonly}
            write={(typed) => set(['gate'], typed.trim() === '' ? true : { message: typed }, 'gate')}
          />
        )}
      </Field>
      <Field
        title="Effect"
        description="What the step does to the world. Lowering it is a promise of yours."
        problems={problemsAt(['effect'])}
      >
        <Select
          label="Effect"
          value={node.effect ?? ''}
          disabled={readonly}
          choices={[
            { value: '', label: `Default (${natural})` },
            ...EFFECTS.filter((effect, index) => index >= lowest || effect === node.effect).map((effect) => ({
              value: effect,
              label: EFFECT_WORDS[effect],
            })),
          ]}
          onChange={(chosen) => set(['effect'], chosen === '' ? undefined : chosen, 'effect')}
        />
      </Field>
      <Field title="Attempts" description="How often the step may be tried in all. Empty: once." problems={problemsAt(['retry'])}>
        <TextInput
          label="Attempts"
          value={retry ? String(retry.attempts) : ''}
          placeholder="1"
          readonly={readonly}
          write={(typed) => {
            const read = readNumber(typed, 'integer');
            if (!read.ok) return read.problem;
            if (read.value === undefined) return set(['retry'], undefined, 'retry');
            if (typeof read.value !== 'number' || read.value < 1 || read.value > 100) return 'Expected a number from 1 to 100.';
            return retry ? set(['retry', 'attempts'], read.value, 'retry') : set(['retry'], { attempts: read.value }, 'retry');
          }}
        />
      </Field>
      {retry && (
        <Field title="Wait between attempts" description="Before the second attempt; doubles from there. Default: 1s.">
          <TextInput
            label="Wait between attempts"
            value={retry.delay ?? ''}
            placeholder="1s"
            readonly={readonly}
            write={(typed) => setDuration(['retry', 'delay'], typed, 'retry')}
          />
        </Field>
      )}
      <Field title="Time-out of one attempt" description="Such as 30s, 5m or 2h." problems={problemsAt(['timeout'])}>
        <TextInput
          label="Time-out of one attempt"
          value={typeof timeout === 'string' ? timeout : (timeout?.attempt ?? '')}
          placeholder="none"
          readonly={readonly}
          write={(typed) => setTimeOut('attempt', typed)}
        />
      </Field>
      <Field title="Time-out of all attempts">
        <TextInput
          label="Time-out of all attempts"
          value={typeof timeout === 'object' ? (timeout.total ?? '') : ''}
          placeholder="none"
          readonly={readonly}
          write={(typed) => setTimeOut('total', typed)}
        />
      </Field>
      <Field title="After a failure" problems={problemsAt(['continueOnFailure'])}>
        <Checkbox
          label="Go on by success, with an empty result"
          checked={node.continueOnFailure === true}
          disabled={readonly}
          onChange={(checked) => set(['continueOnFailure'], checked ? true : undefined, 'continue on failure')}
        />
      </Field>
      <Field title="Disabled" problems={problemsAt(['disabled'])}>
        <Checkbox
          label="Skip this step; the next ones go on"
          checked={node.disabled === true}
          disabled={readonly}
          onChange={(checked) => set(['disabled'], checked ? true : undefined, 'disabled')}
        />
      </Field>
    </Section>
  );
}
