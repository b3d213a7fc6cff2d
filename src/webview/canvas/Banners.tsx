/** What the person has to know about the document before anything else. */
import { useEffect } from 'react';
import { isBlank } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button, Icon, IconButton } from '../ui/elements.tsx';

/** How long a notice stays, unless it is closed. Milliseconds. */
const NOTICE_TIME = 8000;

function Notice() {
  const editor = useEditor();
  const notice = useEditorState((state) => state.notice);
  useEffect(() => {
    if (!notice) return;
    const timer = window.setTimeout(() => editor.notify(null), NOTICE_TIME);
    return () => window.clearTimeout(timer);
  }, [notice, editor]);
  return (
    <div role="alert">
      {notice && (
        <div className={`banner ${notice.info ? 'info' : 'warning'}`}>
          <Icon name={notice.info ? 'info' : 'warning'} />
          <span className="banner-text">{notice.text}</span>
          <IconButton icon="close" label="Close" onClick={() => editor.notify(null)} />
        </div>
      )}
    </div>
  );
}

export function Banners() {
  const editor = useEditor();
  const drawable = useEditorState((state) => state.drawable || isBlank(state));
  const problem = useEditorState((state) => state.syntaxProblem);
  const stale = useEditorState((state) => state.flow !== null);
  const readonlyReason = useEditorState((state) => (state.document?.readonly ? state.document.readonlyReason : ''));
  return (
    <>
      {!drawable && (
        <div className="banner error" role="alert">
          <Icon name="error" />
          <span className="banner-text">
            {problem ? (
              <>
                <strong>
                  Line {problem.place.line}, column {problem.place.column}:
                </strong>{' '}
                {problem.message} {problem.hint}{' '}
              </>
            ) : (
              <>This file cannot be read as a flow. </>
            )}
            {stale && 'The graph below is the last one that could be read; it cannot be edited until the text is mended.'}
          </span>
          <Button onClick={() => editor.post({ type: 'openAsText' })} name="mend">
            Open as Text
          </Button>
        </div>
      )}
      {drawable && readonlyReason !== '' && (
        <div className="banner info">
          <Icon name="lock" />
          <span className="banner-text">{readonlyReason}</span>
        </div>
      )}
      <Notice />
    </>
  );
}
