/** The bare React Flow page of the same graph: what the library itself allows. `?visible`: only what is in view is drawn. */
import { type Edge, type Node, ReactFlow, ReactFlowProvider, useEdgesState, useNodesState } from '@xyflow/react';
import { createRoot } from 'react-dom/client';
import '@xyflow/react/dist/style.css';

interface Flow {
  nodes: Record<string, { title: string; after?: Record<string, string> }>;
  layout: Record<string, [number, number]>;
}

function Page({ flow }: { flow: Flow }) {
  const [nodes, , onNodesChange] = useNodesState<Node>(
    Object.entries(flow.nodes).map(([id, { title }]) => {
      const [x, y] = flow.layout[id] ?? [0, 0];
      return { id, position: { x, y }, data: { label: title } };
    }),
  );
  const [edges, , onEdgesChange] = useEdgesState<Edge>(
    Object.entries(flow.nodes).flatMap(([target, { after }]) =>
      Object.keys(after ?? {}).map((source) => ({ id: `${source}-${target}`, source, target })),
    ),
  );
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      minZoom={0.1}
      onlyRenderVisibleElements={location.search.includes('visible')}
    />
  );
}

window.openFlow = (text) => {
  const root = document.getElementById('root');
  if (root)
    createRoot(root).render(
      <ReactFlowProvider>
        <Page flow={JSON.parse(text)} />
      </ReactFlowProvider>,
    );
};
