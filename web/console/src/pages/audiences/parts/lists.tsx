import { DeleteOutlined, UploadOutlined } from '@ant-design/icons';
import { Alert, Button, Form, Input, Modal, Popconfirm, Select, Switch, Table, Upload } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudienceList } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { KEY } from '@/parts/key';
import { Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { Empty, Loaded } from '@/parts/states';
import { useListDelete, useLists, useListUpload } from '../queries';

type Draft = { key: string; name: string; namespace: string; text: string; replace: boolean };
const NAMESPACES = ['phone', 'email', 'member_no', 'user_id', 'unionid', 'openid', 'device_id'];

const NewList = ({ hide }: { hide: () => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const upload = useListUpload();
  const [form] = Form.useForm<Draft>();
  const done = upload.data;
  const submit = async () => {
    const { key, ...body } = await form.validateFields();
    await upload.mutateAsync({ params: { path: { key } }, body });
  };
  return (
    <Modal open onCancel={hide} width={620} title={t('lists.add')} okText={done ? t('action.close') : t('lists.upload')} cancelButtonProps={{ style: done ? { display: 'none' } : undefined }} confirmLoading={upload.isPending} onOk={() => (done ? hide() : void submit().catch(() => undefined))}>
      {done ? (
        <div className="stack">
          <Alert type="success" showIcon title={t('lists.done', { added: format.number(done.added), matched: format.number(done.matched), entries: format.number(done.entries) })} />
          {done.refused > 0 && (
            <Alert type="warning" title={t('lists.refused', { count: done.refused, n: format.number(done.refused) })} description={<ul>{done.refused_lines.slice(0, 8).map((r) => <li key={r.line} className="small"><span className="mono">{r.line}</span> · <span lang="en">{r.reason}</span></li>)}</ul>} />
          )}
        </div>
      ) : (
        <Form form={form} layout="vertical" requiredMark={false} initialValues={{ namespace: 'phone', replace: false, text: '', name: '', key: '' }}>
          <div className="grid cols-2" style={{ gap: '0 16px' }}>
            <Form.Item name="name" label={t('audience.name')} rules={[{ required: true }]}><Input /></Form.Item>
            <Form.Item name="key" label={t('audience.key')} extra={t('audience.key_hint')} rules={[{ required: true, pattern: KEY }]}><Input className="mono" /></Form.Item>
          </div>
          <Form.Item name="namespace" label={t('lists.namespace')} extra={t('lists.namespace_hint')}><Select options={NAMESPACES.map((value) => ({ value, label: label('namespace', value) }))} /></Form.Item>
          <Form.Item name="text" label={t('lists.text')} rules={[{ required: true }]}><Input.TextArea rows={7} className="mono" placeholder={'13800001111\n13900002222'} /></Form.Item>
          <Upload
            accept=".csv,.txt,.tsv"
            showUploadList={false}
            beforeUpload={(file) => {
              void file.text().then((text) => form.setFieldValue('text', text));
              return false;
            }}
          >
            <Button size="small" icon={<UploadOutlined />}>{t('lists.file')}</Button>
          </Upload>
          <Form.Item name="replace" label={t('lists.replace')} valuePropName="checked" style={{ marginTop: 12 }}><Switch /></Form.Item>
          {upload.error ? <ProblemNote error={upload.error} /> : null}
        </Form>
      )}
    </Modal>
  );
};

export const Lists = () => {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const lists = useLists();
  const remove = useListDelete();
  const [adding, setAdding] = useState(false);
  const add = can('write') && <Button size="small" icon={<UploadOutlined />} onClick={() => setAdding(true)}>{t('lists.add')}</Button>;
  return (
    <Panel title={t('audiences_tab.lists')} flush tools={add}>
      <Loaded query={lists} rows={5} empty={(rows) => (rows.length === 0 ? <Empty title={t('lists.none')} text={t('lists.none_text')} action={add} /> : null)}>
        {(rows) => (
          <Table<AudienceList>
            size="small"
            rowKey="key"
            pagination={false}
            dataSource={rows}
            scroll={{ x: 640 }}
            columns={[
              { title: t('audience.name'), key: 'name', render: (_, l) => <span style={{ display: 'grid' }}><strong>{l.name}</strong><span className="mono muted small">{l.key}</span></span> },
              { title: t('lists.entries'), key: 'entries', align: 'end', render: (_, l) => format.number(l.entries) },
              { title: t('lists.matched'), key: 'matched', align: 'end', render: (_, l) => `${format.number(l.matched)} · ${format.percent(l.entries > 0 ? l.matched / l.entries : 0)}` },
              { title: t('audience.changed'), key: 'at', align: 'end', render: (_, l) => <Ago at={l.updated_at} /> },
              ...(can('write') ? [{ title: '', key: 'remove', width: 48, render: (_: unknown, l: AudienceList) => <Popconfirm title={t('lists.remove')} onConfirm={() => remove.mutate({ params: { path: { key: l.key } } })}><Button type="text" size="small" icon={<DeleteOutlined />} aria-label={t('action.remove')} /></Popconfirm> }] : []),
            ]}
          />
        )}
      </Loaded>
      {adding && <NewList hide={() => setAdding(false)} />}
    </Panel>
  );
};
