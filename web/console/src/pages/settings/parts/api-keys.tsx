import { PlusOutlined } from '@ant-design/icons';
import { Alert, Button, Checkbox, Form, Input, Modal, Popconfirm, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLabel } from '@/i18n';
import { Ago, Code } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { Empty, Loaded } from '@/parts/states';
import { useKeyAdd, useKeyRevoke, useKeys } from '../queries';

const SCOPES = ['read', 'write', 'personal', 'export', 'erase', 'admin'];
type Draft = { name: string; scopes: string[] };

const Add = ({ hide }: { hide: () => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const add = useKeyAdd();
  const [form] = Form.useForm<Draft>();
  const made = add.data;
  const save = async () => add.mutateAsync({ body: await form.validateFields() });
  return (
    <Modal open onCancel={hide} title={t('api_keys.add')} okText={made ? t('api_keys.kept') : t('action.add')} confirmLoading={add.isPending} onOk={() => (made ? hide() : void save().catch(() => undefined))} mask={{ closable: !made }}>
      {made ? (
        <div className="stack">
          <Alert type="warning" showIcon title={t('api_keys.once')} />
          <Code text={made.key} label={t('api_keys.key')} />
        </div>
      ) : (
        <Form form={form} layout="vertical" requiredMark={false} initialValues={{ scopes: ['read'] }}>
          <Form.Item name="name" label={t('conversion.name')} rules={[{ required: true }]}><Input placeholder={t('api_keys.name_hint')} /></Form.Item>
          <Form.Item name="scopes" label={t('api_keys.scopes')} rules={[{ required: true }]}>
            <Checkbox.Group style={{ display: 'grid', gap: 8 }} options={SCOPES.map((value) => ({ value, label: <span>{label('scope', value)} <span className="muted small">{label('scope_text', value)}</span></span> }))} />
          </Form.Item>
          {add.error && <ProblemNote error={add.error} />}
        </Form>
      )}
    </Modal>
  );
};

export const ApiKeys = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const keys = useKeys();
  const revoke = useKeyRevoke();
  const [adding, setAdding] = useState(false);
  return (
    <Panel title={t('section.api-keys')} flush tools={<Button size="small" icon={<PlusOutlined />} onClick={() => setAdding(true)}>{t('api_keys.add')}</Button>}>
      <Loaded query={keys} rows={4} empty={(list) => (list.length === 0 ? <Empty title={t('api_keys.none')} text={t('api_keys.none_text')} /> : null)}>
        {(list) => (
          <Table
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={list}
            scroll={{ x: 760 }}
            columns={[
              { title: t('conversion.name'), key: 'name', render: (_, k) => <span><b>{k.name}</b> <span className="mono muted">{k.hint}</span></span> },
              { title: t('api_keys.scopes'), key: 'scopes', render: (_, k) => <span className="row wrap" style={{ gap: 4 }}>{k.scopes.map((s) => <span key={s} className="chip">{label('scope', s)}</span>)}</span> },
              { title: t('api_keys.used'), key: 'used', render: (_, k) => <Ago at={k.last_used_at} /> },
              { title: t('fix.created'), key: 'created', render: (_, k) => <Ago at={k.created_at} /> },
              { title: <span className="sr">{t('action.actions')}</span>, key: 'do', align: 'end', render: (_, k) => k.revoked_at ? <span className="chip bad">{t('api_keys.revoked')}</span> : <Popconfirm title={t('api_keys.revoke_ask')} onConfirm={() => revoke.mutate({ params: { path: { id: k.id } } })}><Button size="small" type="link" danger>{t('api_keys.revoke')}</Button></Popconfirm> },
            ]}
          />
        )}
      </Loaded>
      {adding && <Add hide={() => setAdding(false)} />}
    </Panel>
  );
};
