import { DownloadOutlined, LeftOutlined } from '@ant-design/icons';
import { Link, useParams } from '@tanstack/react-router';
import { Alert, Button, Popconfirm } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { PageHead, Panel } from '@/parts/page';
import { Said } from '@/parts/said';
import { Loaded } from '@/parts/states';
import '@/pages/imports/imports.css';
import { Editor } from './parts/editor';
import { useDraft, useImport, useMove } from './queries';

const Draft = ({ row }: { row: Import }) => {
  const draft = useDraft(row.id);
  return <Loaded query={draft} rows={10}>{(guess) => <Editor row={row} guess={guess} />}</Loaded>;
};

const Actions = ({ row }: { row: Import }) => {
  const { t } = useTranslation();
  const { can } = useSession();
  const move = useMove(row.id);
  const open = row.state === 'running' || row.state === 'paused' || row.state === 'failed';
  return (
    <>
      {row.rejected > 0 && <Button icon={<DownloadOutlined />} href={`/api/imports/${row.id}/rejects`} download>{t('import.rejects')}</Button>}
      {can('write') && row.state === 'running' && <Button onClick={() => move.mutate('pause')} loading={move.isPending}>{t('live.pause')}</Button>}
      {can('write') && (row.state === 'paused' || row.state === 'failed') && <Button type="primary" onClick={() => move.mutate('resume')} loading={move.isPending}>{t('import.resume')}</Button>}
      {can('write') && open && (
        <Popconfirm title={t('import.cancel_ask')} onConfirm={() => move.mutate('cancel')}>
          <Button danger>{t('import.cancel')}</Button>
        </Popconfirm>
      )}
    </>
  );
};

const Progress = ({ row }: { row: Import }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const share = row.rows_total ? Math.min(row.rows_done / row.rows_total, 1) : row.state === 'done' ? 1 : 0;
  const figures = [
    { name: t('imports.accepted'), value: row.accepted },
    { name: t('import.duplicates'), value: row.duplicates },
    { name: t('source.quarantined'), value: row.quarantined },
    { name: t('imports.rejected'), value: row.rejected },
  ];
  return (
    <Panel title={label('import_state', row.state)} tools={<Actions row={row} />}>
      <div className="stack">
        <div>
          <div className="big-bar" role="progressbar" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} aria-label={t('imports.rows')}><i style={{ width: `${share * 100}%` }} /></div>
          <p className="row between small muted num" style={{ marginTop: 6 }}>
            <span>{format.number(row.rows_done)}{row.rows_total ? ` / ${format.number(row.rows_total)} · ${format.percent(share)}` : ''}</span>
            <span>
              {row.state === 'running' && t('import.rate', { rate: format.number(Math.round(row.rate)) })}
              {row.state === 'running' && row.remaining_s !== null && ` · ${t('import.remaining', { time: format.duration(row.remaining_s) })}`}
              {row.finished_at && format.dateTime(row.finished_at)}
            </span>
          </p>
        </div>
        {row.error && <Alert type="error" showIcon title={t('import.stopped')} description={<Said text={row.error} wording={row.wording} />} />}
        <dl className="grid cols-4">
          {figures.map((f) => (
            <div key={f.name}>
              <dt className="muted small">{f.name}</dt>
              <dd className="num" style={{ fontSize: 18, fontWeight: 600 }}>{format.number(f.value)}</dd>
            </div>
          ))}
        </dl>
        <p className="muted small">{t('import.safe')}</p>
      </div>
    </Panel>
  );
};

export const ImportPage = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const { id } = useParams({ from: '/shell/imports/$id' });
  const row = useImport(id);
  return (
    <Loaded query={row} rows={10}>
      {(data) => (
        <>
          <PageHead
            title={data.file_name}
            text={`${data.format.toUpperCase()} · ${label('import_kind', data.kind)}`}
            before={<Link to="/imports" className="tl-iconbtn" aria-label={t('import.back')} style={{ color: 'var(--muted)' }}><LeftOutlined /></Link>}
          />
          {data.state === 'draft' ? <Draft row={data} /> : <Progress row={data} />}
        </>
      )}
    </Loaded>
  );
};
