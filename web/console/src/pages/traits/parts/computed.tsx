import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Drawer, Popconfirm, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ComputedTrait } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { plain } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Original } from '@/parts/said';
import { Empty, Loaded } from '@/parts/states';
import { useComputed, useComputedArchive, useDistribution } from '../queries';
import { ComputedEditor } from './computed-editor';

const Distribution = ({ trait, hide }: { trait: ComputedTrait; hide: () => void }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const distribution = useDistribution(trait.key);
  return (
    <Drawer open onClose={hide} size={520} title={trait.name}>
      <Loaded query={distribution} rows={8}>
        {(d) => {
          const most = Math.max(...d.top.map((x) => x.people), 1);
          return (
            <div className="stack">
              <p className="muted small">{t('computed.known', { n: format.number(d.known), different: format.number(d.different) })}</p>
              {d.numbers && (
                <dl className="grid cols-3">
                  {([['min', d.numbers.min], ['p25', d.numbers.p25], ['median', d.numbers.median], ['p75', d.numbers.p75], ['p90', d.numbers.p90], ['max', d.numbers.max]] as const).map(([name, n]) => (
                    <div key={name}><dt className="muted small">{t(`computed.${name}`)}</dt><dd className="num" style={{ fontWeight: 600 }}>{format.decimal(n)}</dd></div>
                  ))}
                </dl>
              )}
              <ul className="estimate-rows">
                {d.top.map((x) => (
                  <li key={plain(x.value)}>
                    <span className="ellipsis">{plain(x.value)}</span>
                    <span className="num muted">{format.number(x.people)}</span>
                    <span className="bar"><i style={{ width: `${(x.people / most) * 100}%` }} /></span>
                  </li>
                ))}
              </ul>
            </div>
          );
        }}
      </Loaded>
    </Drawer>
  );
};

const State = ({ trait }: { trait: ComputedTrait }) => {
  const { t } = useTranslation();
  const label = useLabel();
  if (trait.next?.error) return <span className="chip bad"><Original text={trait.next.error} /></span>;
  if (trait.next) return <span className="chip info">{label('version_state', trait.next.state)}</span>;
  return trait.live ? <span className="chip good">{t('audience.current')}</span> : <span className="chip">—</span>;
};

export const Computed = () => {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const traits = useComputed();
  const archive = useComputedArchive();
  const [open, setOpen] = useState<ComputedTrait | null>(null);
  const [edit, setEdit] = useState<ComputedTrait | 'new' | null>(null);
  const add = can('write') && <Button size="small" icon={<PlusOutlined />} onClick={() => setEdit('new')}>{t('computed.add')}</Button>;
  return (
    <Panel title={t('traits_page.computed')} flush tools={add}>
      <Loaded query={traits} rows={8} empty={(list) => (list.length === 0 ? <Empty title={t('computed.none')} text={t('computed.none_text')} action={add} /> : null)}>
        {(list) => (
          <Table<ComputedTrait>
            size="small"
            rowKey="key"
            pagination={false}
            dataSource={list}
            scroll={{ x: 760 }}
            columns={[
              { title: t('audience.name'), key: 'name', render: (_, c) => <span style={{ display: 'grid' }}><strong>{c.name}</strong><span className="muted small ellipsis">{c.description || c.key}</span></span> },
              { title: t('audience.key'), key: 'key', width: 190, render: (_, c) => <code>{c.key}</code> },
              { title: t('computed.coverage'), key: 'share', width: 150, align: 'end', render: (_, c) => <button type="button" className="cell-btn" onClick={() => setOpen(c)}>{format.number(c.people)} · {format.percent(c.share)}</button> },
              { title: t('audience.state'), key: 'state', width: 120, render: (_, c) => <State trait={c} /> },
              ...(can('write')
                ? [{
                    title: '', key: 'act', width: 84, align: 'end' as const,
                    render: (_: unknown, c: ComputedTrait) => (
                      <span className="row" style={{ gap: 0 }}>
                        <Button size="small" type="text" icon={<EditOutlined />} onClick={() => setEdit(c)} aria-label={t('action.edit')} />
                        <Popconfirm title={t('computed.remove')} onConfirm={() => archive.mutate({ params: { path: { key: c.key } } })}><Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('action.remove')} /></Popconfirm>
                      </span>
                    ),
                  }]
                : []),
            ]}
          />
        )}
      </Loaded>
      {open && <Distribution trait={open} hide={() => setOpen(null)} />}
      {edit && <ComputedEditor trait={edit === 'new' ? null : edit} hide={() => setEdit(null)} />}
    </Panel>
  );
};
