/** Building and running flows in the graph editor of one window. */
// By keyboard alone first: it wants nothing to wait for an approval but its own run.
import './editor-hands.ts';
import './editor-prompt.ts';
import './editor-rerun.ts';
import './editor-bodies.ts';
