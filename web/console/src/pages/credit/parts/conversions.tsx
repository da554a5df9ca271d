import { PlusOutlined } from '@ant-design/icons';
import { Button, Popconfirm, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversion } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useBuiltInName } from '@/parts/built-in';
import { useEventName } from '@/parts/event';
import { Panel } from '@/parts/page';
import { plain } from '@/parts/bits';
import { Loaded } from '@/parts/states';
import { useConversionDelete, useConversions } from '../queries';
import { ConversionEditor } from './conversion-editor';

export const Conversions = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const eventName = useEventName();
  const nameOf = useBuiltInName();
  const { can } = useSession();
  const list = useConversions();
  const remove = useConversionDelete();
  const [editing, setEditing] = useState<Conversion | 'new' | null>(null);
  const value = (v: unknown) => (typeof v === 'string' ? label('conversion_value', v) : plain(v));
  return (
    <Panel
      flush
      title={t('conversion.title')}
      tools={can('write') && <Button size="small" icon={<PlusOutlined />} onClick={() => setEditing('new')}>{t('conversion.add')}</Button>}
    >
      <Loaded query={list} rows={4}>
        {(rows) => (
          <Table
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={rows}
            scroll={{ x: 900 }}
            columns={[
              { title: t('conversion.name'), key: 'name', render: (_, c) => <span className="row"><strong>{nameOf(c)}</strong> <span className="mono muted">{c.key}</span>{c.default && <span className="chip info">{t('conversion.default')}</span>}</span> },
              { title: t('conversion.event'), key: 'event', render: (_, c) => eventName('track', c.event) },
              { title: t('conversion.filter'), key: 'filter', render: (_, c) => (c.filter ? <span className="mono small">{c.filter.all.map((f) => `${f.path} ${label('filter_op', f.op)} ${plain(f.value)}`).join(' & ')}</span> : <span className="muted">—</span>) },
              { title: t('conversion.value'), key: 'value', render: (_, c) => value(c.value) },
              { title: t('conversion.count'), key: 'count', render: (_, c) => label('conversion_count', c.count) },
              {
                title: <span className="sr">{t('action.actions')}</span>,
                key: 'do',
                align: 'end',
                width: 150,
                render: (_, c) =>
                  can('write') && (
                    <>
                      <Button size="small" type="link" onClick={() => setEditing(c)}>{t('action.edit')}</Button>
                      {!c.default && (
                        <Popconfirm title={t('conversion.remove')} onConfirm={() => remove.mutate({ params: { path: { id: c.id } } })}>
                          <Button size="small" type="link" danger>{t('action.remove')}</Button>
                        </Popconfirm>
                      )}
                    </>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
      {editing && <ConversionEditor conversion={editing === 'new' ? null : editing} hide={() => setEditing(null)} />}
    </Panel>
  );
};
