// Small things used by many pages.
import { CopyOutlined } from '@ant-design/icons';
import { App, Button, Tooltip } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';

const STAGE_TONE: Record<string, string> = { repeat: 'good', customer: 'info', lead: '', visitor: '', lapsed: 'bad' };
export const StageChip = ({ stage }: { stage: string }) => {
  const label = useLabel();
  return <span className={`chip ${STAGE_TONE[stage] ?? 'violet'}`}>{label('stage', stage)}</span>;
};

const VERDICT_TONE: Record<string, string> = { accepted: 'good', corrected: 'info', duplicate: '', duplicate_conflict: 'warn', quarantined: 'warn', rejected: 'bad' };
export const VerdictChip = ({ verdict }: { verdict: string }) => {
  const label = useLabel();
  return <span className={`chip ${VERDICT_TONE[verdict] ?? 'bad'}`}>{label('verdict', verdict)}</span>;
};

/** When, relative; the exact instant on hover and for a screen reader. */
export const Ago = ({ at }: { at: string | null | undefined }) => {
  const format = useFormat();
  if (!at) return <span className="muted">—</span>;
  return (
    <Tooltip title={format.dateTime(at)}>
      <time dateTime={at} className="nowrap">
        {format.ago(at)}
      </time>
    </Tooltip>
  );
};

export const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** A value of unknown shape on one line. */
export const plain = (value: unknown): string =>
  value === null || value === undefined ? '—' : typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);

export const Json = ({ value, label }: { value: unknown; label: string }) => (
  <pre className="pre" tabIndex={0} aria-label={label}>
    {json(value)}
  </pre>
);

export const useCopy = (): ((text: string) => void) => {
  const { message } = App.useApp();
  const { t } = useTranslation();
  return (text) => {
    navigator.clipboard.writeText(text).then(
      () => void message.success(t('action.copied')),
      () => void message.error(t('action.copy_failed')),
    );
  };
};

export const CopyButton = ({ text, children }: { text: string; children?: ReactNode }) => {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <Button size="small" type={children ? 'default' : 'text'} icon={<CopyOutlined />} onClick={() => copy(text)} aria-label={t('action.copy')}>
      {children}
    </Button>
  );
};

export const Code = ({ text, label }: { text: string; label: string }) => {
  const { t } = useTranslation();
  return (
    <div style={{ position: 'relative' }}>
      <pre className="pre" tabIndex={0} aria-label={label} style={{ paddingInlineEnd: 88 }}>
        {text}
      </pre>
      <div style={{ position: 'absolute', insetBlockStart: 8, insetInlineEnd: 8 }}>
        <CopyButton text={text}>{t('action.copy')}</CopyButton>
      </div>
    </div>
  );
};

/** "Load more" under a list that comes in pages. */
export const More = ({ query }: { query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) => {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <div className="more">
      <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
        {t('action.more')}
      </Button>
    </div>
  );
};

/** All items of the pages read so far. */
export const items = <T,>(data: { pages: { items: T[] }[] } | undefined): T[] | undefined => data?.pages.flatMap((p) => p.items);

/** A text field that tells its value when typing pauses or Enter is pressed. */
export const useTyped = (value: string, told: (value: string) => void, waitMs = 300) => {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  const [timer, setTimer] = useState<ReturnType<typeof setTimeout>>();
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }
  const change = (next: string) => {
    setText(next);
    clearTimeout(timer);
    setTimer(setTimeout(() => told(next), waitMs));
  };
  return { text, change };
};
