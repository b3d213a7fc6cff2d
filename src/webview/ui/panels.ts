/** What `later.tsx` reads when it is needed. */

export { EdgePlus } from '../canvas/EdgePlus.tsx';
export { OverviewMap } from '../canvas/OverviewMap.tsx';
export { Painted } from '../canvas/Painted.tsx';
export { PassStepper } from '../canvas/PassStepper.tsx';
export { Search } from '../canvas/Search.tsx';
export { ShortcutSheet } from '../canvas/ShortcutSheet.tsx';
export { Connections } from '../inspector/Connections.tsx';
export { FlowControl } from '../inspector/FlowControl.tsx';
export { OutputSchema } from '../inspector/OutputSchema.tsx';
export { SchemaInput } from '../inspector/SchemaInput.tsx';
export { SelectionPanel } from '../inspector/SelectionPanel.tsx';
export { TriggersSection } from '../inspector/TriggersSection.tsx';
export { RunOverview } from '../run/RunOverview.tsx';
export { RunPanel } from '../run/RunPanel.tsx';
export { Timeline } from '../run/Timeline.tsx';
