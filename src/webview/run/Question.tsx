/** A question of the run that a person has to answer, with everything that is needed to answer it. */
import { type ReactNode, useEffect, useState } from 'react';
import type { Json } from '../../engine/format/json.ts';
import type { SignalRequest } from '../../engine/run/events.ts';
import type { SignalView } from '../../engine/run/view.ts';
import { clockText, momentText } from '../state/format.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button, Icon, Select, TextArea } from '../ui/elements.tsx';
import { keepTextKeysHere } from '../ui/keys.ts';
import { ValueView } from './ValueView.tsx';

type Decide = (decision: string, more?: { reason?: string; value?: Json }) => void;
type RequestOf<K extends SignalRequest['kind']> = Extract<SignalRequest, { kind: K }>;

/** An answer that nobody confirmed for so long may be given again. Milliseconds. */
const PATIENCE = 5000;

function Untrusted() {
  return (
    <p className="untrusted">
      <Icon name="warning" />
      <span>
        This was made from data that nobody has vouched for: a model's reply, a file, a tool, the web. Read it before you say yes.
      </span>
    </p>
  );
}

function YesNo({ decide, yes }: { decide: Decide; yes: string }) {
  const [rejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState('');
  if (!rejecting) {
    return (
      <div className="row">
        <Button icon="check" onClick={() => decide('approved')} name="approve">
          {yes}
        </Button>
        <Button icon="close" secondary onClick={() => setRejecting(true)} name="reject">
          Reject…
        </Button>
      </div>
    );
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only keeps keys in the field */}
      <div onKeyDown={keepTextKeysHere}>
        <TextArea label="Reason for rejecting" placeholder="Reason (may be empty)" value={reason} onInput={setReason} rows={2} />
      </div>
      <div className="row">
        <Button onClick={() => decide('rejected', reason === '' ? {} : { reason })} name="reject-confirm">
          Reject
        </Button>
        <Button secondary onClick={() => setRejecting(false)}>
          Back
        </Button>
      </div>
    </>
  );
}

function Reply({ decide, schema }: { decide: Decide; schema: Json | undefined }) {
  const [text, setText] = useState('');
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only keeps keys in the field */}
      <div onKeyDown={keepTextKeysHere}>
        <TextArea
          label="Your reply"
          placeholder={schema === undefined ? 'Your reply' : 'Your reply, as JSON'}
          value={text}
          onInput={setText}
          rows={8}
        />
      </div>
      <div className="row">
        <Button icon="send" disabled={text === ''} onClick={() => decide('replied', { value: text })} name="reply">
          Send reply
        </Button>
      </div>
    </>
  );
}

function Signal({ request, decide }: { request: RequestOf<'signal'>; decide: Decide }) {
  const [text, setText] = useState('');
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only keeps keys in the field */}
      <div onKeyDown={keepTextKeysHere}>
        <TextArea
          label="What comes with the signal"
          placeholder={request.schema === undefined ? 'What comes with it, as JSON (may be empty)' : 'What comes with it, as JSON'}
          value={text}
          onInput={setText}
          rows={4}
        />
      </div>
      <div className="row">
        <Button icon="send" onClick={() => decide('received', text.trim() === '' ? {} : { value: text })} name="send-signal">
          Send signal
        </Button>
      </div>
      {request.schema !== undefined && <ValueView title="It has to match" value={request.schema} />}
    </>
  );
}

function Asked({ request }: { request: RequestOf<'reply'> | RequestOf<'recordingMissing'> }) {
  return (
    <>
      {request.system !== undefined && <ValueView title="System message" value={request.system} />}
      <ValueView title="Prompt" value={request.prompt} />
      {request.schema !== undefined && <ValueView title="The reply has to match" value={request.schema} />}
    </>
  );
}

function Way({ title, about, children }: { title: string; about: string; children: ReactNode }) {
  return (
    <div className="way">
      <h4>{title}</h4>
      <p className="field-about">{about}</p>
      {children}
    </div>
  );
}

function RecordingMissing({ request, decide }: { request: RequestOf<'recordingMissing'>; decide: Decide }) {
  const choice = useEditorState((state) => state.mode);
  const models = choice?.models ?? [];
  const [picked, setPicked] = useState('');
  const model = picked || choice?.model || models[0] || '';
  return (
    <>
      <Way title="Use a live model" about="This prompt and those after it are sent to a model. The run says so from then on.">
        {models.length > 0 && (
          <Select label="Model" value={model} choices={models.map((id) => ({ value: id, label: id }))} onChange={setPicked} />
        )}
        <Button icon="broadcast" onClick={() => decide('live', model === '' ? {} : { value: model })} name="live">
          {models.length > 0 ? 'Use this model' : 'Choose a model…'}
        </Button>
      </Way>
      {request.recordedTemplate !== undefined && (
        <Way title="Restore the recorded prompt" about="The prompt becomes again what was recorded. This run ends; run the flow once more.">
          <ValueView title="Recorded prompt" value={request.recordedTemplate} />
          <Button icon="discard" secondary onClick={() => decide('restore')} name="restore">
            Restore the prompt
          </Button>
        </Way>
      )}
      <Way title="Answer by hand" about="You write the reply to this prompt yourself.">
        <Button icon="person" secondary onClick={() => decide('byHand')} name="by-hand">
          Answer by hand
        </Button>
      </Way>
      <Asked request={request} />
    </>
  );
}

function Ask({ request, decide }: { request: SignalRequest; decide: Decide }) {
  switch (request.kind) {
    case 'approval':
      return (
        <>
          {request.untrusted && <Untrusted />}
          <YesNo decide={decide} yes="Approve" />
          {request.details !== undefined && <ValueView title="What is approved" value={request.details} />}
        </>
      );
    case 'gate':
      return (
        <>
          {request.why === 'demanded' && (
            <p className="field-about">
              Belay asks because this step is {request.effect} and the flow has no gate for it. The yes covers exactly the values below.
            </p>
          )}
          {request.untrusted && <Untrusted />}
          <YesNo decide={decide} yes="Allow it" />
          <ValueView title="What it will use" value={request.args} note={request.effect} />
        </>
      );
    case 'reply':
      return (
        <>
          <Asked request={request} />
          <Reply decide={decide} schema={request.schema} />
        </>
      );
    case 'consent':
      return <YesNo decide={decide} yes="Allow it" />;
    case 'recordingMissing':
      return <RecordingMissing request={request} decide={decide} />;
    case 'inDoubt':
      return (
        <>
          <Way title="It happened" about="The step counts as done. It is not repeated.">
            <Button icon="check" onClick={() => decide('happened')} name="happened">
              It happened
            </Button>
          </Way>
          <Way title="Try again" about="It did not happen, or may safely happen twice.">
            <Button icon="refresh" secondary onClick={() => decide('retry')} name="retry">
              Try again
            </Button>
          </Way>
          <Way title="Abort" about="The step fails, and the flow goes on by its failure path.">
            <Button icon="circle-slash" secondary onClick={() => decide('abort')} name="abort">
              Abort
            </Button>
          </Way>
          <ValueView title="What it was doing" value={request.args} note={request.effect} />
        </>
      );
    case 'signal':
      return <Signal request={request} decide={decide} />;
    case 'budget':
      return (
        <>
          <Way title="Go on" about="The run gets the same amount once more.">
            <Button icon="check" onClick={() => decide('more')} name="more">
              Go on
            </Button>
          </Way>
          <Way title="Stop" about="What would go beyond the budget fails. Where a failure path is connected, the flow goes on by it.">
            <Button icon="circle-slash" secondary onClick={() => decide('stop')} name="stop">
              Stop
            </Button>
          </Way>
        </>
      );
    default:
      return request satisfies never;
  }
}

export function Question({ runId, signal }: { runId: string; signal: SignalView }) {
  const editor = useEditor();
  const [sent, setSent] = useState(false);
  useEffect(() => {
    if (!sent) return;
    const timer = window.setTimeout(() => setSent(false), PATIENCE);
    return () => window.clearTimeout(timer);
  }, [sent]);
  const decide: Decide = (decision, more = {}) => {
    setSent(true);
    editor.post({ type: 'run.decide', runId, key: signal.key, decision, ...more });
  };
  return (
    <section className="ask" aria-label={signal.request.title}>
      <h3>
        <Icon name="bell-dot" /> {signal.request.title}
      </h3>
      {signal.request.message !== '' && <p className="ask-message">{signal.request.message}</p>}
      {signal.until !== undefined && <p className="field-about">Waits until {momentText(signal.until)}.</p>}
      {sent ? <p className="field-about">Sent…</p> : <Ask request={signal.request} decide={decide} />}
    </section>
  );
}

/** A question that has been answered: who said what. */
export function Answered({ signal }: { signal: SignalView }) {
  const { reply } = signal;
  if (!reply) return null;
  return (
    <p className="answered">
      <Icon name="comment" />
      <span>
        {signal.request.title}: <strong>{reply.decision}</strong> by {reply.by}, {clockText(reply.at)}
        {reply.reason !== undefined && reply.reason !== '' && <> — “{reply.reason}”</>}
      </span>
    </p>
  );
}
