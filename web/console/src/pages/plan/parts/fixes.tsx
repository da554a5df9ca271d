import { Button, Popconfirm, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago, plain } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { useFixDelete, useFixes } from '../queries';

export const Fixes = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const { can } = useSession();
  const fixes = useFixes();
  const remove = useFixDelete();
  return (
    <Panel title={t('plan.tab_fixes')} flush>
      <Loaded query={fixes} rows={4} empty={(list) => (list.length === 0 ? <Empty title={t('fix.none')} text={t('fix.none_text')} /> : null)}>
        {(list) => (
          <Table
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={list}
            scroll={{ x: 820 }}
            columns={[
              { title: t('conversion.name'), key: 'name', render: (_, f) => <span>{f.name} <span className="muted small">v{f.version}</span></span> },
              { title: t('rules.when'), key: 'when', render: (_, f) => <span className="small">{Object.entries(f.filter).map(([k, v]) => (k === 'reason' ? label('reason', plain(v)) : plain(v))).join(' · ')}</span> },
              { title: t('fix.steps'), key: 'ops', render: (_, f) => <span className="small">{f.ops.map((o) => `${label('fix_op', o.op)} ${o.path ?? o.to ?? ''}`).join(' → ')}</span> },
              { title: t('fix.applied'), key: 'applied', align: 'end', render: (_, f) => format.number(f.applied) },
              { title: t('fix.created'), key: 'created', align: 'end', render: (_, f) => <Ago at={f.created_at} /> },
              { title: <span className="sr">{t('action.actions')}</span>, key: 'do', align: 'end', width: 90, render: (_, f) => can('write') && <Popconfirm title={t('fix.remove')} onConfirm={() => remove.mutate({ params: { path: { id: f.id } } })}><Button size="small" type="link" danger>{t('action.remove')}</Button></Popconfirm> },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
};
