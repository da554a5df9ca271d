import { InboxOutlined } from '@ant-design/icons';
import { Link, useRouter } from '@tanstack/react-router';
import { Table } from 'antd';
import { useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { PageHead, Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { Empty, Loaded } from '@/parts/states';
import { useImports, useMappings, useUpload } from './queries';
import './imports.css';

const TONE: Record<Import['state'], string> = { draft: '', running: 'info', paused: 'warn', done: 'good', failed: 'bad', cancelled: '' };

const Drop = () => {
  const { t } = useTranslation();
  const format = useFormat();
  const router = useRouter();
  const upload = useUpload();
  const [over, setOver] = useState(false);
  const send = async (file: File | undefined) => {
    if (!file) return;
    const made = await upload.mutateAsync(file).catch(() => null);
    if (made) await router.navigate({ to: '/imports/$id', params: { id: made.id } });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void send(event.dataTransfer.files[0]);
  };
  return (
    <div>
      <label className={`drop ${over ? 'over' : ''}`} onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop} aria-busy={upload.isPending}>
        <input type="file" disabled={upload.isPending} accept=".csv,.tsv,.txt,.jsonl,.ndjson,.json,.parquet,.gz,.zst" onChange={(e) => void send(e.target.files?.[0])} />
        <InboxOutlined style={{ fontSize: 28, color: 'var(--teal)' }} />
        <strong>{upload.isPending ? t('imports.uploading', { size: format.bytes(upload.variables.size) }) : t('imports.drop')}</strong>
        <span className="muted small">{t('imports.formats')}</span>
      </label>
      {upload.error && <ProblemNote error={upload.error} style={{ marginTop: 8 }} />}
    </div>
  );
};

const Progress = ({ row }: { row: Import }) => {
  const format = useFormat();
  const share = row.rows_total ? row.rows_done / row.rows_total : row.state === 'done' ? 1 : 0;
  return (
    <div style={{ minWidth: 120 }}>
      <div className="bar"><i style={{ width: `${share * 100}%` }} /></div>
      <span className="muted small num">{format.short(row.rows_done)}{row.rows_total ? ` / ${format.short(row.rows_total)}` : ''}</span>
    </div>
  );
};

const Shipped = () => {
  const label = useLabel();
  const { t, i18n } = useTranslation();
  const mappings = useMappings();
  return (
    <Panel title={t('imports.mappings')}>
      <Loaded query={mappings} rows={3}>
        {(list) => (
          <ul className="stack tight">
            {list.map((m) => (
              <li key={m.name}>
                <span className="mono">{m.name}</span> <span className="muted small">{i18n.exists(`mapping_text.${m.name}`) ? label('mapping_text', m.name) : m.description}</span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
};

export const ImportsPage = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const router = useRouter();
  const { can } = useSession();
  const imports = useImports();
  return (
    <>
      <PageHead title={t('nav.imports')} text={t('imports.text')} />
      <div className="stack">
        {can('write') && <Drop />}
        <Panel title={t('imports.list')} flush>
          <Loaded query={{ ...imports, data: imports.data?.items }} rows={6} empty={(list) => (list.length === 0 ? <Empty title={t('imports.none')} text={t('imports.none_text')} /> : null)}>
            {(list) => (
              <Table
                size="small"
                rowKey="id"
                pagination={list.length > 20 ? { pageSize: 20, size: 'small', showSizeChanger: false } : false}
                dataSource={list}
                scroll={{ x: 860 }}
                onRow={(row) => ({ className: 'clickable', onClick: () => void router.navigate({ to: '/imports/$id', params: { id: row.id } }) })}
                columns={[
                  { title: t('imports.file'), key: 'file', render: (_, row) => <Link to="/imports/$id" params={{ id: row.id }} onClick={(e) => e.stopPropagation()}>{row.file_name}</Link> },
                  { title: t('line.kind'), key: 'kind', render: (_, row) => label('import_kind', row.kind) },
                  { title: t('imports.state'), key: 'state', render: (_, row) => <span className={`chip ${TONE[row.state]}`}>{label('import_state', row.state)}</span> },
                  { title: t('imports.rows'), key: 'rows', width: 170, render: (_, row) => <Progress row={row} /> },
                  { title: t('imports.accepted'), key: 'accepted', align: 'end', render: (_, row) => format.number(row.accepted) },
                  { title: t('imports.rejected'), key: 'rejected', align: 'end', render: (_, row) => <span className={row.rejected > 0 ? 'down' : ''}>{format.number(row.rejected)}</span> },
                  { title: t('imports.started'), key: 'started', align: 'end', render: (_, row) => <Ago at={row.started_at} /> },
                ]}
              />
            )}
          </Loaded>
        </Panel>
        <Shipped />
      </div>
    </>
  );
};
