// The four states of everything that is read: loading, empty, failed, not permitted.
import { Button, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '@/api/client';
import { LineArt } from './line';
import { ProblemDetail, useProblem } from './problem';

export const Empty = ({ title, text, action }: { title: string; text?: string; action?: ReactNode }) => (
  <div className="state">
    <LineArt />
    <strong>{title}</strong>
    {text && <p>{text}</p>}
    {action}
  </div>
);

export const Failed = ({ error, retry }: { error: unknown; retry?: () => void }) => {
  const { t } = useTranslation();
  const words = useProblem();
  const problem = problemOf(error);
  if (problem.status === 403) {
    return (
      <div className="state" role="alert">
        <LineArt shape="closed" />
        <strong>{t('state.no_permission')}</strong>
        <p>{t('state.no_permission_text')}</p>
      </div>
    );
  }
  const told = words(problem);
  return (
    <div className="state" role="alert">
      <LineArt shape="broken" />
      <strong>{told.title}</strong>
      {(told.detail || told.original) && <div><ProblemDetail words={told} /></div>}
      {retry && (
        <Button onClick={retry} size="small">
          {t('action.retry')}
        </Button>
      )}
    </div>
  );
};

type Read<T> = { data: T | undefined; error: unknown; isPending: boolean; refetch?: () => unknown };

/** Shows what was read, or the state of reading it. `rows` sizes the skeleton so that nothing jumps when data arrives. */
export const Loaded = <T,>({ query, rows = 6, empty, children }: { query: Read<T>; rows?: number; empty?: (data: T) => ReactNode; children: (data: T) => ReactNode }) => {
  if (query.data !== undefined) return <>{empty?.(query.data) ?? children(query.data)}</>;
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch?.()} />;
  return <Bones rows={rows} />;
};

export const Bones = ({ rows = 6 }: { rows?: number }) => {
  const { t } = useTranslation();
  return (
    <div style={{ padding: 16 }} aria-busy="true" aria-label={t('state.loading')} role="status">
      <Skeleton active title={false} paragraph={{ rows, width: Array.from({ length: rows }, (_, i) => `${96 - ((i * 17) % 34)}%`) }} />
    </div>
  );
};
