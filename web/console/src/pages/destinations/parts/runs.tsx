import { Alert, Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import type { AudienceSync, SyncRun } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Original } from '@/parts/said';
import { Empty, Loaded } from '@/parts/states';
import { useRuns } from '../queries';

export const RUN_TONE: Record<string, string> = { running: 'info', retrying: 'warn', done: 'good', failed: 'bad' };
const COUNTS = ['members', 'sent', 'updated', 'removed', 'unchanged', 'no_consent', 'no_address', 'suppressed'] as const;

const Run = ({ run }: { run: SyncRun }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  return (
    <li className="stack tight" style={{ padding: '10px 0' }}>
      <div className="row wrap">
        <span className={`chip ${RUN_TONE[run.state] ?? ''}`}>{label('run_state', run.state)}</span>
        <span>{label('run_kind', run.kind)}</span>
        <span className="muted small push"><Ago at={run.started_at} />{run.attempts > 1 ? ` · ${t('syncs.attempts', { n: run.attempts })}` : ''}</span>
      </div>
      <p className="small muted">
        {COUNTS.filter((k) => run.counts[k] > 0).map((k) => `${t(`run_count.${k}`)} ${format.number(run.counts[k])}`).join(' · ') || t('syncs.nothing')}
      </p>
      {run.error && <Alert type={run.state === 'failed' ? 'error' : 'warning'} title={<Original text={run.error} />} />}
      {run.files.map((f) => (
        <p key={f.name + f.sha256} className="small row wrap" style={{ gap: 8 }}>
          <code className="ellipsis">{f.place || f.name}</code>
          <span className="muted nowrap">{t('syncs.rows', { n: format.number(f.rows) })}{f.bytes > 0 ? ` · ${format.bytes(f.bytes)}` : ''}</span>
          {f.sha256 && <span className="muted mono ellipsis" title={f.sha256}>{`sha256 ${f.sha256.slice(0, 12)}…`}</span>}
        </p>
      ))}
    </li>
  );
};

export const Runs = ({ sync, hide }: { sync: AudienceSync; hide: () => void }) => {
  const { t } = useTranslation();
  const runs = useRuns(sync.id);
  return (
    <Drawer open onClose={hide} size={640} title={t('syncs.runs_of', { name: sync.audience_name ?? sync.name })}>
      <Loaded query={{ ...runs, data: runs.data?.items }} rows={6} empty={(list) => (list.length === 0 ? <Empty title={t('syncs.no_runs')} /> : null)}>
        {(list) => <ul className="rows">{list.map((run) => <Run key={run.id} run={run} />)}</ul>}
      </Loaded>
    </Drawer>
  );
};
