/** The graph: pan, zoom, select, move, connect. Every gesture ends in one edit; what is drawn comes back with the document. */
import {
  Background,
  BackgroundVariant,
  type Connection,
  ControlButton,
  Controls,
  type FinalConnectionState,
  type OnConnectEnd,
  ReactFlow,
  SelectionMode,
  useReactFlow,
  useStore,
  type Viewport,
} from '@xyflow/react';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Edge } from '../../engine/format/model.ts';
import { edgeOfLine } from '../state/gestures.ts';
import type { CanvasEdge, CanvasNode } from '../state/graph-model.ts';
import { type CanvasNote, isNote } from '../state/notes.ts';
import { MANY } from '../state/reckoned.ts';
import { isEditable } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';
import { EdgePlus, OverviewMap, Painted } from '../ui/later.tsx';
import { BlockNode } from './BlockNode.tsx';
import { ConnectionLine } from './ConnectionLine.tsx';
import { FrameNode } from './FrameNode.tsx';
import { useFit } from './fit.ts';
import { prepareMenu } from './menu.ts';
import { NoteNode } from './NoteNode.tsx';
import { pointOf } from './point.ts';
import { StepEdge } from './StepEdge.tsx';
import { StepNode } from './StepNode.tsx';
import { useBoxSelection } from './useBoxSelection.ts';
import { useCanvasKeys } from './useCanvasKeys.ts';
import { useDrawn } from './useDrawn.ts';
import { tabStop, useLabels } from './useLabels.ts';
import { useMounted } from './useMounted.ts';
import { useNodeDrag } from './useNodeDrag.ts';
import { usePointed } from './usePointed.ts';
import { useReckoned } from './useReckoned.ts';
import { useRequests } from './useRequests.ts';
import { useView } from './useView.ts';

const NODE_TYPES = { step: StepNode, frame: FrameNode, block: BlockNode, note: NoteNode };
const EDGE_TYPES = { line: StepEdge };
/** Below this zoom small print cannot be read: cards show their title alone, larger. */
const FAR = 0.58;
const FARTHER = 0.42;
/** Below this one nothing can be read at all: nodes are blocks, and edges lines. */
const BLOCKS = 0.22;
const NO_EDGES: CanvasEdge[] = [];
const MULTI_SELECTION = ['Shift', 'Meta', 'Control'];

const edgeOf = (connection: Connection | CanvasEdge): Edge => ({
  source: connection.source,
  outlet: connection.sourceHandle ?? '',
  target: connection.target,
});

/** Arranges the flow in the other direction. */
function DirectionButton() {
  const editor = useEditor();
  const down = useEditorState((state) => state.direction === 'down');
  const label = down ? 'Arrange from left to right' : 'Arrange from top to bottom';
  return (
    <ControlButton onClick={() => editor.arrange(down ? 'right' : 'down')} title={label} aria-label={label} data-action="direction">
      <Icon name={down ? 'arrow-right' : 'arrow-down'} />
    </ControlButton>
  );
}

export function Canvas() {
  useReckoned();
  const editor = useEditor();
  const editable = useEditorState(isEditable);
  const drawable = useEditorState((state) => state.drawable);
  const blocks = useStore(({ transform: [, , zoom] }) => zoom < BLOCKS);
  const frame = useRef<HTMLElement>(null);
  const many = useEditorState((state) => state.nodes.length > MANY);
  const stop = useEditorState(tabStop);
  const [pointed, lookBelow] = usePointed(frame, many);
  const pinned = useMemo(() => [stop, pointed], [stop, pointed]);
  const mounted = useMounted({ many, blocks, pinned });
  const nodes = useDrawn(useLabels(mounted.nodes, blocks && !many));
  const showAll = useFit();
  const flow = useReactFlow<CanvasNode | CanvasNote, CanvasEdge>();
  const [connecting, setConnecting] = useState(false);
  const [hovered, setHovered] = useState<string | null>(null);
  /** The edge one end of which is being dragged. */
  const dragged = useRef<CanvasEdge | null>(null);
  const landed = useRef(false);
  const distance = useStore(({ transform: [, , zoom] }) => (zoom < FARTHER ? ' far farther' : zoom < FAR ? ' far' : ''));
  useCanvasKeys(frame);
  const onMoved = useView(frame);
  const dragging = useNodeDrag();
  useRequests(frame);
  const boxSelection = useBoxSelection(many);

  const onConnectEnd: OnConnectEnd = useCallback(
    (event, state: FinalConnectionState) => {
      setConnecting(false);
      if (state.isValid || dragged.current || !state.fromNode) return;
      const source = state.fromHandle?.type === 'source' ? { id: state.fromNode.id, outlet: state.fromHandle.id ?? '' } : undefined;
      if (state.toNode) {
        if (source) editor.connect({ source: source.id, outlet: source.outlet, target: state.toNode.id });
        return;
      }
      if (!source) return;
      const point = flow.screenToFlowPosition(pointOf(event));
      const reason = editor.borderAt(source.id, point);
      if (reason !== undefined) editor.notify(reason);
      else editor.openPalette({ source, position: { x: point.x, y: point.y - 20 } });
    },
    [editor, flow],
  );

  const reconnecting = useMemo(
    () => ({
      onReconnectStart(_event: unknown, edge: CanvasEdge) {
        dragged.current = edge;
        landed.current = false;
        setConnecting(true);
      },
      onReconnect(edge: CanvasEdge, connection: Connection) {
        landed.current = true;
        editor.connect(edgeOf(connection), edgeOfLine(edge));
      },
      onReconnectEnd(_event: unknown, edge: CanvasEdge, _handle: unknown, state: FinalConnectionState) {
        setConnecting(false);
        dragged.current = null;
        if (landed.current) return;
        const source = state.fromNode;
        if (state.toNode && source) {
          const reason =
            state.isValid === false ? editor.refusalOf({ ...edgeOfLine(edge), target: state.toNode.id }, edgeOfLine(edge)) : undefined;
          if (reason !== undefined) editor.notify(reason);
          return;
        }
        editor.perform({ label: 'Disconnect nodes', edits: [{ kind: 'disconnect', ...edgeOfLine(edge) }] });
      },
    }),
    [editor],
  );

  // Each of these that is another one is a change of React Flow's store, which asks all nodes and edges.
  const handling = useMemo(
    () => ({
      onEdgeMouseEnter: (_event: unknown, edge: CanvasEdge) => setHovered(edge.id),
      onEdgeMouseLeave: () => setHovered(null),
      onNodeClick(event: Pick<MouseEvent, 'shiftKey' | 'metaKey' | 'ctrlKey'>, node: CanvasNode | CanvasNote) {
        // One of several that are selected: from now on it alone is.
        if (!event.shiftKey && !event.metaKey && !event.ctrlKey) editor.select([node.id]);
      },
      onNodeDoubleClick: (_event: unknown, node: CanvasNode | CanvasNote) =>
        isNote(node) ? editor.editNote(node.data.note) : editor.reveal(node.id, 'inspector'),
      onConnect: (connection: Connection) => editor.connect(edgeOf(connection)),
      onConnectStart: () => setConnecting(true),
      onMoveEnd(_event: unknown, viewport: Viewport) {
        onMoved(viewport);
        lookBelow();
      },
    }),
    [editor, onMoved, lookBelow],
  );

  const isValidConnection = useCallback(
    (connection: Connection | CanvasEdge) => {
      const instead = dragged.current ? edgeOfLine(dragged.current) : undefined;
      return editor.refusalOf(edgeOf(connection), instead) === undefined;
    },
    [editor],
  );

  return (
    <section
      ref={frame}
      className={`canvas${mounted.whole ? '' : ' painting'}${blocks && many ? ' blocks' : ''}${connecting ? ' connecting' : ''}${distance}${drawable ? '' : ' stale'}`}
      aria-label="Flow"
      tabIndex={-1}
      onContextMenuCapture={(event) => {
        if (frame.current) prepareMenu(editor, frame.current, event.target);
        editor.openMenuAt(flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
      }}
    >
      <ReactFlow<CanvasNode | CanvasNote, CanvasEdge>
        nodes={nodes}
        edges={blocks && !many ? NO_EDGES : mounted.edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={editor.nodesChanged}
        onEdgesChange={editor.edgesChanged}
        {...dragging}
        {...handling}
        onConnectEnd={onConnectEnd}
        {...reconnecting}
        {...boxSelection}
        isValidConnection={isValidConnection}
        connectionLineComponent={ConnectionLine}
        connectionRadius={28}
        reconnectRadius={12}
        nodesConnectable={editable}
        nodesDraggable={editable}
        edgesFocusable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionMode={SelectionMode.Partial}
        multiSelectionKeyCode={MULTI_SELECTION}
        zoomOnDoubleClick={false}
        minZoom={0.1}
        maxZoom={2}
        {...(editor.saved.viewport ? { defaultViewport: editor.saved.viewport } : {})}
        onlyRenderVisibleElements={many}
        attributionPosition="bottom-center"
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1.5} />
        <OverviewMap />
        {(many || blocks) && <Painted live={many ? mounted.live : undefined} idle={!blocks && mounted.whole} />}
        <EdgePlus frame={frame} hovered={hovered} />
        <Controls showInteractive={false} showFitView={false}>
          <ControlButton onClick={() => showAll()} title="Fit View" aria-label="Fit View" className="react-flow__controls-fitview">
            <Icon name="screen-full" />
          </ControlButton>
          {editable && <DirectionButton />}
        </Controls>
      </ReactFlow>
    </section>
  );
}
