/** Runs, of the examples and of flows that fail, stream, wait and are cancelled, in one window. */
// First, because the others connect a model.
import './examples-patterns.ts';
import './editor-runs.ts';
