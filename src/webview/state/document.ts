/** From the host's text to what is drawn. */
import type { NodeCatalog } from '../../engine/format/manifest.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { rereadFlow } from '../../engine/format/reread.ts';
import type { HostMessage } from '../protocol/messages.ts';
import { draw } from './draw.ts';
import { drawNotes } from './notes.ts';
import { type EditorState, isEditable } from './state.ts';

type DocumentMessage = Extract<HostMessage, { type: 'document' }>;
type Read = Pick<EditorState, 'document' | 'drawable' | 'syntaxProblem'> & Partial<Pick<EditorState, 'flow'>>;

/** Reads a document. Where it cannot be drawn, the earlier flow stays and the first problem says why. */
export function readDocument(message: DocumentMessage, catalog: NodeCatalog, before: EditorState): Read {
  const { text, version, fileName, readonly, readonlyReason } = message;
  // A document that is open read-only may be so for what is in it.
  if (before.document && !before.document.readonly && before.flow && before.drawable) {
    const flow = rereadFlow({ text: before.document.text, flow: before.flow }, text, catalog);
    const document = { text, version, fileName, readonly, readonlyReason: readonlyReason ?? '' };
    if (flow) return { document, flow, drawable: true, syntaxProblem: null };
  }
  const { flow, problems } = parseFlow(text, catalog);
  const newer = problems.find((problem) => problem.code === 'FLOW_VERSION_NEWER');
  const reason = readonlyReason ?? (newer ? `${newer.message} ${newer.hint}` : '');
  const document = { text, version, fileName, readonly: readonly || newer !== undefined, readonlyReason: reason };
  return flow
    ? { document, flow, drawable: true, syntaxProblem: null }
    : { document, drawable: false, syntaxProblem: problems.find((problem) => problem.severity === 'error') ?? null };
}

/**
 * The graph of the state's flow: after a new document, new problems, or an edit that was refused.
 * @param places `document`: every node where the document has it. `kept`: where it stands on the canvas, as it may just be dragged.
 */
export function redraw(
  state: EditorState,
  catalog: NodeCatalog,
  places: 'document' | 'kept' = 'document',
): Pick<EditorState, 'nodes' | 'notes' | 'edges' | 'selection'> {
  if (!state.flow) return { nodes: [], notes: [], edges: [], selection: [] };
  const kept = places === 'kept' ? Object.fromEntries(state.nodes.map((node) => [node.id, node.position])) : {};
  const { flow, problems, untrusted, direction } = state;
  const collapsed = new Set(state.collapsed);
  const drawn = draw(
    { flow, catalog, problems, untrusted: new Set(untrusted), kept, collapsed, direction, editable: isEditable(state) },
    state,
  );
  const notes = places === 'kept' ? state.notes : drawNotes(flow, drawn.nodes, state.notes, isEditable(state));
  return { ...drawn, notes, selection: drawn.nodes.filter((node) => node.selected).map((node) => node.id) };
}
