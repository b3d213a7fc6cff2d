/** The buttons on a node that waits for a person. What is approved stands in the Run tab, one click away. */
import { useState } from 'react';
import type { SignalView } from '../../engine/run/view.ts';
import { useEditor } from '../ui/context.tsx';
import { Button, TextField } from '../ui/elements.tsx';

interface NodeQuestionProps {
  runId: string;
  signal: SignalView;
  /** False where something inside the node asks, which cannot be seen here: it is not answered here either. */
  own: boolean;
}

export function NodeQuestion({ runId, signal, own }: NodeQuestionProps) {
  const editor = useEditor();
  const [rejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState('');
  const { kind } = signal.request;

  const decide = (decision: string, why?: string) =>
    editor.post({ type: 'run.decide', runId, key: signal.key, decision, ...(why ? { reason: why } : {}) });
  const look = () => {
    editor.reveal(signal.node, 'inspector');
    editor.setInspector({ open: true, tab: 'run' });
  };

  if (!own || (kind !== 'approval' && kind !== 'gate')) {
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: what is revealed stays selected, and not the node of the button
      // biome-ignore lint/a11y/useKeyWithClickEvents: the canvas selects by clicks alone
      <div className="question nodrag nopan" onClick={(event) => event.stopPropagation()}>
        <Button onClick={look} name="answer">
          {kind === 'reply' ? 'Answer…' : 'Decide…'}
        </Button>
      </div>
    );
  }
  if (rejecting) {
    return (
      <div className="question nodrag nopan column">
        <TextField label="Reason for rejecting" placeholder="Reason (may be empty)" value={reason} onInput={setReason} />
        <div className="row">
          <Button onClick={() => decide('rejected', reason)} name="reject-confirm">
            Reject
          </Button>
          <Button secondary onClick={() => setRejecting(false)}>
            Back
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className="question nodrag nopan">
      <Button onClick={() => decide('approved')} icon="check" name="approve">
        Approve
      </Button>
      <Button secondary onClick={() => setRejecting(true)} icon="close" name="reject">
        Reject
      </Button>
      <button type="button" className="link" onClick={look}>
        Details
      </button>
    </div>
  );
}
