import { Button, Segmented, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago, items, Json, More, plain } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Said } from '@/parts/said';
import { Empty, Loaded } from '@/parts/states';
import { scrollable } from '@/parts/scrollable';
import { useAudit, useConfiguration, useJobs, useRequeue } from '../queries';

const STATES = ['ready', 'leased', 'dead', 'done'];
/** Details of the audit log that are codes, and what they are codes of. */
const DETAIL: Record<string, string> = { kind: 'kind', decision: 'decision', role: 'role', stage: 'stage', purpose: 'purpose', channel: 'channel', namespace: 'namespace' };
const TONE: Record<string, string> = { ready: '', leased: 'info', done: 'good', dead: 'bad' };

export const Jobs = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const { can } = useSession();
  const [state, setState] = useState('');
  const jobs = useJobs(state || undefined);
  const requeue = useRequeue();
  return (
    <Panel title={t('section.jobs')} flush tools={<Segmented size="small" value={state} onChange={setState} options={[{ value: '', label: t('jobs.all') }, ...STATES.map((value) => ({ value, label: label('job_state', value) }))]} />}>
      <Loaded query={{ ...jobs, data: jobs.data?.items }} rows={6} empty={(rows) => (rows.length === 0 ? <Empty title={t('jobs.none')} /> : null)}>
        {(rows) => (
          <Table
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={rows}
            scroll={{ x: 760 }}
            columns={[
              { title: t('line.kind'), key: 'kind', render: (_, j) => <span title={j.kind}>{label('job_kind', j.kind)}</span> },
              { title: t('imports.state'), key: 'state', render: (_, j) => <span className={`chip ${TONE[j.state] ?? ''}`}>{label('job_state', j.state)}</span> },
              { title: t('jobs.attempts'), key: 'n', align: 'end', render: (_, j) => `${j.attempts} / ${j.max_attempts}` },
              { title: t('jobs.error'), key: 'error', render: (_, j) => <span className="small down"><Said text={j.last_error} wording={undefined} /></span> },
              { title: t('jobs.due'), key: 'run', align: 'end', render: (_, j) => <Ago at={j.run_at} /> },
              { title: <span className="sr">{t('action.actions')}</span>, key: 'do', align: 'end', render: (_, j) => j.state === 'dead' && can('admin') && <Button size="small" onClick={() => requeue.mutate({ params: { path: { id: j.id } } })}>{t('jobs.requeue')}</Button> },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
};

export const Configuration = () => {
  const { t } = useTranslation();
  const configuration = useConfiguration();
  return (
    <Panel title={t('section.configuration')}>
      <p className="muted small" style={{ marginBottom: 10 }}>{t('configuration.text')}</p>
      <Loaded query={configuration} rows={8}>{(data) => <Json value={data} label={t('section.configuration')} />}</Loaded>
    </Panel>
  );
};

export const Audit = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const audit = useAudit();
  const told = (action: string, key: string, value: unknown) => {
    const family = key === 'kind' && action.startsWith('review.') ? 'review_kind' : DETAIL[key];
    return family && typeof value === 'string' ? label(family, value) : plain(value);
  };
  return (
    <Panel title={t('section.audit')} flush>
      <Loaded query={{ ...audit, data: items(audit.data) }} rows={8}>
        {(rows) => (
          <Table
            ref={scrollable}
            size="small"
            rowKey={(r) => `${r.at}${r.action}${r.object}`}
            pagination={false}
            dataSource={rows}
            scroll={{ x: 760 }}
            columns={[
              { title: t('audit.at'), key: 'at', width: 190, render: (_, r) => format.dateTime(r.at) },
              { title: t('audit.actor'), dataIndex: 'actor' },
              { title: t('audit.action'), key: 'action', render: (_, r) => <span title={r.action}>{label('audit_action', r.action)}</span> },
              { title: t('audit.object'), key: 'object', render: (_, r) => <span className="mono small">{r.object}</span> },
              { title: t('audit.detail'), key: 'detail', render: (_, r) => <span className="small muted">{typeof r.detail === 'object' && r.detail !== null ? Object.entries(r.detail).map(([k, v]) => `${label('audit_detail', k)}: ${told(r.action, k, v)}`).join(' · ') : plain(r.detail)}</span> },
            ]}
          />
        )}
      </Loaded>
      <More query={audit} />
    </Panel>
  );
};
