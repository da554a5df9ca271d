import { Button, Form, Input, Popconfirm, Select, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Loaded } from '@/parts/states';
import { scrollable } from '@/parts/scrollable';
import { useBlock, useBlocked, useUnblock } from '../queries';

type Draft = { namespace?: string; kind: 'exact' | 'regex' | 'seen_more_than'; value: string };
const NAMESPACES = ['user_id', 'member_no', 'phone', 'email', 'unionid', 'openid', 'device_id', 'anonymous_id'];

export const Blocked = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const { can } = useSession();
  const blocked = useBlocked();
  const block = useBlock();
  const unblock = useUnblock();
  const [form] = Form.useForm<Draft>();
  const add = (draft: Draft) => block.mutate({ body: { ...draft, namespace: draft.namespace ?? null } }, { onSuccess: () => form.resetFields() });
  return (
    <Loaded query={blocked} rows={8}>
      {(data) => (
        <div className="stack">
          <Panel title={t('blocked.own')} flush>
            <p className="muted small" style={{ padding: '0 16px 10px' }}>{t('blocked.text')}</p>
            {can('admin') && (
              <Form form={form} layout="inline" initialValues={{ kind: 'exact' }} onFinish={add} style={{ padding: '0 16px 12px', rowGap: 8 }}>
                <Form.Item name="namespace"><Select allowClear placeholder={t('blocked.any')} aria-label={t('id_rules.namespace')} options={NAMESPACES.map((value) => ({ value, label: label('namespace', value) }))} style={{ width: 150 }} /></Form.Item>
                <Form.Item name="kind"><Select aria-label={t('line.kind')} options={['exact', 'regex', 'seen_more_than'].map((value) => ({ value, label: label('blocked_kind', value) }))} style={{ width: 190 }} /></Form.Item>
                <Form.Item name="value" rules={[{ required: true }]}><Input className="mono" placeholder={t('fix.value')} aria-label={t('fix.value')} style={{ width: 220 }} /></Form.Item>
                <Button htmlType="submit" type="primary" loading={block.isPending}>{t('action.add')}</Button>
              </Form>
            )}
            <Table
              ref={scrollable}
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={data.custom}
              scroll={{ x: 640 }}
              locale={{ emptyText: <span className="muted">{t('blocked.none')}</span> }}
              columns={[
                { title: t('id_rules.namespace'), key: 'ns', render: (_, r) => (r.namespace ? label('namespace', r.namespace) : t('blocked.any')) },
                { title: t('line.kind'), key: 'kind', render: (_, r) => label('blocked_kind', r.kind) },
                { title: t('fix.value'), key: 'value', render: (_, r) => <span className="mono">{r.value}</span> },
                { title: t('blocked.hits'), key: 'hits', align: 'end', render: (_, r) => format.number(r.hits) },
                { title: t('fix.created'), key: 'at', align: 'end', render: (_, r) => <Ago at={r.created_at} /> },
                { title: <span className="sr">{t('action.actions')}</span>, key: 'do', align: 'end', render: (_, r) => can('admin') && <Popconfirm title={t('blocked.remove')} onConfirm={() => unblock.mutate({ params: { path: { id: r.id } } })}><Button size="small" type="link" danger>{t('action.remove')}</Button></Popconfirm> },
              ]}
            />
          </Panel>
          <Panel title={t('blocked.built_in')}>
            <div className="row wrap" style={{ gap: 6 }}>{data.built_in.map((v) => <span key={v} className="chip mono">{v}</span>)}</div>
          </Panel>
        </div>
      )}
    </Loaded>
  );
};
