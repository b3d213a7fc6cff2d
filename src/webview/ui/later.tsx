/**
 * Parts of the editor that most people do not see at once: one file that is read when one of them is first shown. What is read at once
 * has a budget (test/house/bundle.test.ts), and each file more would be a request more.
 */
import { type FunctionComponent, lazy, Suspense } from 'react';

const load = () => import('./panels.ts');
type Panels = Awaited<ReturnType<typeof load>>;
type PropsOf<K extends keyof Panels> = Parameters<Panels[K]> extends [infer P extends object] ? P : object;

function later<K extends keyof Panels>(name: K): FunctionComponent<PropsOf<K>> {
  const Loaded = lazy(async () => ({ default: (await load())[name] as FunctionComponent<object> }));
  return (props) => (
    <Suspense fallback={null}>
      <Loaded {...(props as object)} />
    </Suspense>
  );
}

/** Reads the file while nothing else is to be done, so that no panel is empty for a moment when it is first shown. */
export function readAhead(): void {
  window.requestIdleCallback(() => void load());
}

export const EdgePlus = later('EdgePlus');
export const OverviewMap = later('OverviewMap');
export const Painted = later('Painted');
export const PassStepper = later('PassStepper');
export const Connections = later('Connections');
export const FlowControl = later('FlowControl');
export const Search = later('Search');
export const ShortcutSheet = later('ShortcutSheet');
export const Timeline = later('Timeline');
export const RunPanel = later('RunPanel');
export const RunOverview = later('RunOverview');
export const SelectionPanel = later('SelectionPanel');
export const OutputSchema = later('OutputSchema');
export const SchemaInput = later('SchemaInput');
export const TriggersSection = later('TriggersSection');
