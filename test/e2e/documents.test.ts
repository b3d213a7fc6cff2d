/** Flows as documents, whole and broken, in one window. */
import './editor-documents.ts';
// Last, because it leaves the panel of problems open.
import './editor-problems.ts';
