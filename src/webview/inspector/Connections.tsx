/** The edges of a node as lists: the way to connect and disconnect without a mouse. */
import { useMemo, useState } from 'react';
import type { Edge } from '../../engine/format/model.ts';
import { possibleTargets } from '../state/connect.ts';
import { count } from '../state/format.ts';
import { disconnect } from '../state/gestures.ts';
import { edgeId, edgesOf } from '../state/graph-model.ts';
import { nameOf } from '../state/names.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Icon, IconButton, Select } from '../ui/elements.tsx';
import { Section } from './Section.tsx';

function EdgeLine({ edge, other, readonly }: { edge: Edge; other: string; readonly: boolean }) {
  const editor = useEditor();
  const title = useEditorState((state) => nameOf(state, other));
  const outgoing = edge.target === other;
  return (
    <li className="edge-line">
      <Icon name={outgoing ? 'arrow-right' : 'arrow-left'} />
      {outgoing && <span className={`pill outlet-name ${edge.outlet === 'failure' ? 'bad' : ''}`}>{edge.outlet}</span>}
      <button type="button" className="link" onClick={() => editor.reveal(other, 'canvas')}>
        {title}
      </button>
      {!outgoing && <span className={`pill outlet-name ${edge.outlet === 'failure' ? 'bad' : ''}`}>{edge.outlet}</span>}
      <span className="toolbar-space" />
      {!readonly && (
        <IconButton
          icon="close"
          label={outgoing ? `Disconnect ${edge.outlet} from ${title}` : `Disconnect from ${title}, ${edge.outlet}`}
          onClick={() => editor.perform(disconnect(edge))}
        />
      )}
    </li>
  );
}

function ConnectTo({ id, edges }: { id: string; edges: readonly Edge[] }) {
  const editor = useEditor();
  const nodes = useEditorState((state) => state.nodes);
  const self = nodes.find((node) => node.id === id);
  const outlets = self?.data.card.outlets ?? [];
  const owner = self?.parentId;
  const [chosen, setChosen] = useState('');
  const [picked, setPicked] = useState('');
  const outlet = outlets.find((candidate) => candidate.name === chosen) ?? outlets[0];
  const targets = useMemo(
    () =>
      outlet
        ? possibleTargets(
            edges,
            id,
            outlet.name,
            nodes.filter((node) => node.parentId === owner).map((node) => node.id),
          )
        : [],
    [edges, id, outlet, nodes, owner],
  );
  if (!outlet) return null;
  const target = targets.includes(picked) ? picked : '';
  return (
    <div className="connect-to">
      <Select
        label="Outlet to connect"
        value={outlet.name}
        choices={outlets.map((candidate) => ({ value: candidate.name, label: candidate.label }))}
        onChange={setChosen}
      />
      <Select
        label={`Connect ${outlet.label} to`}
        value={target}
        disabled={targets.length === 0}
        choices={[
          { value: '', label: targets.length === 0 ? 'None left' : 'Connect to…' },
          ...targets.map((candidate) => ({ value: candidate, label: nameOf({ nodes }, candidate) })),
        ]}
        onChange={setPicked}
      />
      {/* Arrow keys change a list at once: what is picked is connected by a key of its own. */}
      <IconButton
        icon="plug"
        label={`Connect ${outlet.label}`}
        disabled={target === ''}
        onClick={() => editor.connect({ source: id, outlet: outlet.name, target })}
        name="connect"
      />
    </div>
  );
}

export function Connections({ id, readonly }: { id: string; readonly: boolean }) {
  const flow = useEditorState((state) => state.flow);
  const edges = useMemo(() => (flow ? edgesOf(flow) : []), [flow]);
  const incoming = edges.filter((edge) => edge.target === id);
  const outgoing = edges.filter((edge) => edge.source === id);
  return (
    <Section title="Connections" note={count(incoming.length + outgoing.length, 'edge', 'edges')} open>
      {incoming.length + outgoing.length === 0 && <p className="field-about">Nothing leads here and nothing follows yet.</p>}
      <ul className="edges-list" hidden={incoming.length + outgoing.length === 0}>
        {incoming.map((edge) => (
          <EdgeLine key={edgeId(edge)} edge={edge} other={edge.source} readonly={readonly} />
        ))}
        {outgoing.map((edge) => (
          <EdgeLine key={edgeId(edge)} edge={edge} other={edge.target} readonly={readonly} />
        ))}
      </ul>
      {!readonly && <ConnectTo id={id} edges={edges} />}
    </Section>
  );
}
