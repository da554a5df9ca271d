import { ApiOutlined, CloudServerOutlined, DatabaseOutlined, FolderOpenOutlined, PlusOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Alert, App, Button, Dropdown } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudienceSync, Destination } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Original } from '@/parts/said';
import { useDestinationDelete, useDestinationTest, useSyncEnd, useSyncPause, useSyncResume, useSyncRun } from '../queries';
import { RUN_TONE, Runs } from './runs';
import { SyncEditor } from './sync-editor';

const ICONS = { file: FolderOpenOutlined, s3: DatabaseOutlined, sftp: CloudServerOutlined, webhook: ApiOutlined };

const placeOf = ({ settings }: Destination): string => {
  switch (settings.kind) {
    case 'file': return settings.folder;
    case 's3': return `s3://${settings.bucket}/${settings.prefix ?? ''}`;
    case 'sftp': return `sftp://${settings.user}@${settings.host}/${settings.folder ?? ''}`;
    case 'webhook': return settings.host ?? '';
  }
};

const Sync = ({ sync }: { sync: AudienceSync }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const { can } = useSession();
  const [open, setOpen] = useState(false);
  const run = useSyncRun();
  const pause = useSyncPause();
  const resume = useSyncResume();
  const end = useSyncEnd();
  const at = { params: { path: { id: sync.id } } };
  const last = sync.last_run;
  const acts = [
    { key: 'run', label: t('syncs.run') },
    sync.state === 'paused' ? { key: 'resume', label: t('syncs.resume') } : { key: 'pause', label: t('syncs.pause') },
    { key: 'end', label: t('syncs.end'), danger: true },
  ];
  const act = ({ key }: { key: string }) => (key === 'run' ? run.mutate(at) : key === 'pause' ? pause.mutate(at) : key === 'resume' ? resume.mutate(at) : end.mutate(at));
  return (
    <li style={{ padding: '9px 0' }} className="stack tight">
      <div className="row wrap" style={{ gap: '4px 10px' }}>
        {sync.audience_key ? <Link to="/audiences/$key" params={{ key: sync.audience_key }}><strong>{sync.audience_name ?? sync.name}</strong></Link> : <strong>{sync.name}</strong>}
        <span className="chip">{t(`export_format.${sync.format.kind}`)}</span>
        <span className="chip">{t(`sync_mode.${sync.mode}`)}</span>
        <span className="chip">{label('purpose', sync.purpose)} · {label('channel', sync.channel)}</span>
        {sync.state !== 'active' && <span className="chip warn">{label('sync_state', sync.state)}</span>}
        <span className="push row">
          <Button size="small" onClick={() => setOpen(true)}>{t('syncs.runs')}</Button>
          {can('write') && sync.state !== 'ended' && <Dropdown trigger={['click']} menu={{ items: acts, onClick: act }}><Button size="small">{t('action.actions')}</Button></Dropdown>}
        </span>
      </div>
      <p className="small muted">
        {t('syncs.held', { n: format.number(sync.held) })}
        {last && <> · <span className={`chip ${RUN_TONE[last.state] ?? ''}`}>{label('run_state', last.state)}</span> <Ago at={last.finished_at ?? last.started_at} /></>}
        {sync.queued ? ` · ${t('syncs.queued')}` : sync.next_at ? ` · ${t('syncs.next', { at: format.dateTime(sync.next_at) })}` : ''}
      </p>
      {sync.error && <Alert type="error" showIcon title={<Original text={sync.error} />} />}
      {open && <Runs sync={sync} hide={() => setOpen(false)} />}
    </li>
  );
};

export const DestinationCard = ({ destination, syncs, edit }: { destination: Destination; syncs: AudienceSync[]; edit: () => void }) => {
  const { t } = useTranslation();
  const { can } = useSession();
  const { message, modal } = App.useApp();
  const test = useDestinationTest();
  const remove = useDestinationDelete();
  const [adding, setAdding] = useState(false);
  const Icon = ICONS[destination.settings.kind];
  const at = { params: { path: { id: destination.id } } };
  const act = ({ key }: { key: string }) => {
    if (key === 'test') test.mutate(at, { onSuccess: (answer) => void (answer.ok ? message.success(answer.detail) : message.error(answer.detail, 8)) });
    if (key === 'edit') edit();
    if (key === 'remove') modal.confirm({ title: t('destinations.remove', { name: destination.name }), okText: t('action.remove'), okButtonProps: { danger: true }, onOk: () => remove.mutateAsync(at).catch(() => undefined) });
  };
  return (
    <Panel
      title={<span className="row"><Icon /> {destination.name}</span>}
      tools={
        can('write') && (
          <>
            <Button size="small" icon={<PlusOutlined />} onClick={() => setAdding(true)}>{t('syncs.new')}</Button>
            <Dropdown trigger={['click']} menu={{ items: [{ key: 'test', label: t('destinations.test') }, { key: 'edit', label: t('action.edit') }, { key: 'remove', label: t('action.remove'), danger: true }], onClick: act }}>
              <Button size="small" loading={test.isPending}>{t('action.actions')}</Button>
            </Dropdown>
          </>
        )
      }
    >
      <p className="small muted mono ellipsis">{placeOf(destination)}</p>
      {syncs.length === 0 ? <p className="muted small" style={{ marginTop: 8 }}>{t('syncs.none')}</p> : <ul className="rows">{syncs.map((s) => <Sync key={s.id} sync={s} />)}</ul>}
      {adding && <SyncEditor destination={destination} hide={() => setAdding(false)} />}
    </Panel>
  );
};
