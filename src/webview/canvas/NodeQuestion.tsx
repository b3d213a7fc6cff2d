/** The buttons on a node that waits for a person. What is approved stands in the Run tab, one click away. */
import { useState } from 'react';
import type { SignalView } from '../../engine/run/view.ts';
import { useEditor } from '../ui/context.tsx';
import { Button, TextField } from '../ui/elements.tsx';

export function NodeQuestion({ runId, signal }: { runId: string; signal: SignalView }) {
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

  if (kind !== 'approval' && kind !== 'gate') {
    return (
      <div className="question nodrag nopan">
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
