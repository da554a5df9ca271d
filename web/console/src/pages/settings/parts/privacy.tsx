// Requests of people about their own data: erase, export, do not collect. Each leaves a receipt.
import { Alert, App, Button, Drawer, Form, Input, Segmented, Select, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PrivacyRequest } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { useErase, useExport, usePrivacy, useSuppress } from '../queries';

type Draft = { namespace: string; value: string; reason?: string; legal_hold?: string };
const NAMESPACES = ['phone', 'email', 'user_id', 'member_no', 'unionid', 'openid', 'anonymous_id', 'device_id'];
const TONE: Record<PrivacyRequest['state'], string> = { running: 'info', done: 'good', open: 'warn' };

const Receipt = ({ request, hide }: { request: PrivacyRequest; hide: () => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  return (
    <Drawer open onClose={hide} size={760} title={t('privacy.receipt', { id: request.id })}>
      {request.receipt && (
        <div className="stack">
          <p className="small muted">{t('privacy.tombstones', { count: request.receipt.tombstones })}</p>
          <Table
            size="small"
            rowKey="place"
            pagination={false}
            dataSource={request.receipt.lines}
            scroll={{ x: 640 }}
            columns={[
              { title: t('privacy.place'), dataIndex: 'place', render: (v: string) => <span title={v}>{label('receipt_place', v)}</span> },
              { title: t('privacy.found'), dataIndex: 'found', align: 'end', render: (v: number) => format.number(v) },
              { title: t('privacy.removed'), dataIndex: 'removed', align: 'end', render: (v: number) => format.number(v) },
              { title: t('privacy.restricted'), dataIndex: 'restricted', align: 'end', render: (v: number) => format.number(v) },
              { title: t('imports.state'), dataIndex: 'state', render: (v: string) => <span className={`chip ${v === 'open' ? 'warn' : 'good'}`}>{label('receipt_state', v)}</span> },
              { title: t('privacy.checksum'), dataIndex: 'checksum', render: (v: string) => <span className="mono small">{v}</span> },
            ]}
          />
        </div>
      )}
    </Drawer>
  );
};

const Ask = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const { modal, message } = App.useApp();
  const { can } = useSession();
  const [verb, setVerb] = useState<'erase' | 'export' | 'suppress'>('export');
  const [form] = Form.useForm<Draft>();
  const erase = useErase();
  const exported = useExport();
  const suppress = useSuppress();
  const done = () => {
    void message.success(t('privacy.taken'));
    form.resetFields(['value', 'reason', 'legal_hold']);
  };
  const submit = (draft: Draft) => {
    const body = { namespace: draft.namespace, value: draft.value };
    if (verb === 'export') exported.mutate({ body }, { onSuccess: done });
    else if (verb === 'suppress') suppress.mutate({ body }, { onSuccess: done });
    else
      modal.confirm({
        title: t('privacy.erase_ask'),
        content: t('privacy.erase_text'),
        okText: t('privacy.erase'),
        okButtonProps: { danger: true },
        onOk: () => erase.mutateAsync({ body: { ...body, reason: draft.reason ?? '', ...(draft.legal_hold ? { legal_hold: draft.legal_hold } : {}) } }).then(done),
      });
  };
  return (
    <Panel title={t('privacy.new')}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ namespace: 'phone' }} onFinish={submit}>
        <Form.Item><Segmented value={verb} onChange={setVerb} options={[{ value: 'export', label: t('privacy.export'), disabled: !can('export') }, { value: 'erase', label: t('privacy.erase') }, { value: 'suppress', label: t('privacy.suppress') }]} /></Form.Item>
        <p className="muted small" style={{ marginBottom: 12 }}>{label('privacy_text', verb)}</p>
        <div className="grid cols-2" style={{ rowGap: 0 }}>
          <Form.Item name="namespace" label={t('id_rules.namespace')}><Select options={NAMESPACES.map((value) => ({ value, label: label('namespace', value) }))} /></Form.Item>
          <Form.Item name="value" label={t('fix.value')} rules={[{ required: true }]}><Input className="mono" autoComplete="off" /></Form.Item>
          {verb === 'erase' && (
            <>
              <Form.Item name="reason" label={t('person.reason')} rules={[{ required: true }]}><Input /></Form.Item>
              <Form.Item name="legal_hold" label={t('privacy.hold')} extra={t('privacy.hold_hint')}><Input /></Form.Item>
            </>
          )}
        </div>
        {verb === 'erase' && <Alert type="warning" showIcon title={t('privacy.erase_text')} style={{ marginBottom: 12 }} />}
        <Button type="primary" danger={verb === 'erase'} htmlType="submit" loading={erase.isPending || exported.isPending || suppress.isPending}>{label('privacy_do', verb)}</Button>
      </Form>
    </Panel>
  );
};

export const Privacy = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const list = usePrivacy();
  const [open, setOpen] = useState<PrivacyRequest | null>(null);
  return (
    <div className="stack">
      <Ask />
      <Panel title={t('privacy.requests')} flush>
        <Loaded query={{ ...list, data: list.data?.items }} rows={4} empty={(rows) => (rows.length === 0 ? <Empty title={t('privacy.none')} /> : null)}>
          {(rows) => (
            <Table
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={rows}
              scroll={{ x: 640 }}
              columns={[
                { title: t('line.kind'), key: 'kind', render: (_, r) => label('privacy_kind', r.kind) },
                { title: t('imports.state'), key: 'state', render: (_, r) => <span className={`chip ${TONE[r.state]}`}>{label('privacy_state', r.state)}</span> },
                { title: t('privacy.asked'), key: 'at', render: (_, r) => <Ago at={r.created_at} /> },
                { title: t('privacy.done_at'), key: 'done', render: (_, r) => format.dateTime(r.done_at) },
                { title: <span className="sr">{t('action.actions')}</span>, key: 'do', align: 'end', render: (_, r) => (r.kind === 'export' && r.state === 'done' ? <Button size="small" href={`/api/privacy/requests/${r.id}/archive`} download>{t('privacy.download')}</Button> : r.receipt ? <Button size="small" onClick={() => setOpen(r)}>{t('privacy.show_receipt')}</Button> : null) },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      {open && <Receipt request={open} hide={() => setOpen(null)} />}
    </div>
  );
};
