import { Link } from '@tanstack/react-router';
import { Button, Form, Input, Modal, Popover, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConsentRecord, Person } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Json } from '@/parts/bits';
import { ChannelName, useChannels } from '@/parts/channel';
import { IdentifierTag } from '@/parts/identifier';
import { Panel } from '@/parts/page';
import { useConsentAdd } from '../queries';
import { Audiences, Exports } from './audiences';
import { Predictions } from './predictions';

const Proof = ({ record }: { record: ConsentRecord }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  return (
    <div style={{ width: 340, maxWidth: '80vw' }} className="stack tight">
      <dl className="kv">
        <dt>{t('consent.basis')}</dt>
        <dd>{label('basis', record.legal_basis)}</dd>
        <dt>{t('person.notice')}</dt>
        <dd>{record.notice_version}</dd>
        <dt>{t('person.given')}</dt>
        <dd>{format.dateTime(record.given_at)}</dd>
        <dt>{t('line.received')}</dt>
        <dd>{format.dateTime(record.received_at)}</dd>
        {record.expires_at && (
          <>
            <dt>{t('consent.expires')}</dt>
            <dd>{format.date(record.expires_at)}</dd>
          </>
        )}
        {record.identifier && (
          <>
            <dt>{t('line.by')}</dt>
            <dd><IdentifierTag {...record.identifier} /></dd>
          </>
        )}
      </dl>
      <Json value={record.evidence} label={t('consent.evidence')} />
    </div>
  );
};

type NewConsent = { purpose: string; channel: string; action: ConsentRecord['action']; notice_version: string; note: string };

const AddConsent = ({ person, hide }: { person: Person; hide: () => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const add = useConsentAdd(person.id);
  const [form] = Form.useForm<NewConsent>();
  const options = (family: string, codes: string[]) => codes.map((value) => ({ value, label: label(family, value) }));
  const submit = async () => {
    const { note, ...values } = await form.validateFields();
    await add.mutateAsync({ params: { path: { id: person.id } }, body: { ...values, legal_basis: 'consent', evidence: { method: 'console', note } } });
    hide();
  };
  return (
    <Modal open onCancel={hide} onOk={() => void submit().catch(() => undefined)} okText={t('action.save')} confirmLoading={add.isPending} title={t('consent.add')}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ purpose: 'marketing', channel: 'sms', action: 'withdraw' }}>
        <Form.Item name="purpose" label={t('person.purpose')}><Select options={options('purpose', ['marketing', 'service', 'personalisation', 'analytics'])} /></Form.Item>
        <Form.Item name="channel" label={t('line.channel')}><Select options={options('channel', ['sms', 'email', 'wechat', 'phone', 'push', 'post', 'any'])} /></Form.Item>
        <Form.Item name="action" label={t('consent.action')}><Select options={options('consent_action', ['grant', 'deny', 'withdraw', 'object'])} /></Form.Item>
        <Form.Item name="notice_version" label={t('person.notice')} rules={[{ required: true }]}><Input /></Form.Item>
        <Form.Item name="note" label={t('consent.how')} rules={[{ required: true }]}><Input.TextArea rows={2} /></Form.Item>
      </Form>
    </Modal>
  );
};

const Consents = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const { can } = useSession();
  const [adding, setAdding] = useState(false);
  const tone: Record<string, string> = { grant: 'good', deny: 'bad', withdraw: 'bad', object: 'bad' };
  return (
    <Panel title={t('consent.title')} tools={can('write') && <Button size="small" onClick={() => setAdding(true)}>{t('consent.add')}</Button>} flush>
      {person.consents.length === 0 && <p className="muted small" style={{ padding: '0 16px 14px' }}>{t('consent.none')}</p>}
      <div className="rows">
        {person.consents.map((record) => (
          <Popover key={record.id} trigger="click" placement="left" title={t('consent.proof')} content={<Proof record={record} />} destroyOnHidden>
            <button type="button" className="list-btn" style={{ paddingBlock: 8 }}>
              <span className="grow">
                <span className="row between">
                  <span className="ellipsis">{label('purpose', record.purpose)} · {label('channel', record.channel)}</span>
                  <span className={`chip ${tone[record.action]}`}>{label('consent_action', record.action)}</span>
                </span>
                <span className="muted small ellipsis" style={{ display: 'block' }}>{record.source_name} · {format.date(record.given_at)}</span>
              </span>
            </button>
          </Popover>
        ))}
      </div>
      {adding && <AddConsent person={person} hide={() => setAdding(false)} />}
    </Panel>
  );
};

export const Now = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useLabel();
  const channels = useChannels();
  const max = Math.max(...person.totals.channels.map((c) => c.events), 1);
  return (
    <div className="now stack">
      {person.review.length > 0 && (
        <section className="card" style={{ padding: '12px 16px', borderColor: 'var(--verm)' }}>
          <strong>{t('person.review', { count: person.review.length })}</strong>
          {person.review.map((r) => (
            <p key={r.id} className="small muted">{label('review_kind', r.kind)} · {format.date(r.at)}</p>
          ))}
          <Link to="/identity">{t('person.to_review')}</Link>
        </section>
      )}
      <Consents person={person} />
      <Audiences person={person} />
      <Predictions person={person} />
      <Exports person={person} />
      <Panel title={t('people.channels')}>
        <ul className="stack" style={{ gap: 9 }}>
          {person.totals.channels.map((c) => (
            <li key={c.key}>
              <span className="row between small">
                <ChannelName channel={c.key} channels={channels} />
                <span className="num muted">{format.number(c.events)}</span>
              </span>
              <span className="bar" style={{ display: 'block', height: 4, border: 0 }}>
                <i style={{ width: `${(c.events / max) * 100}%`, background: channels.color(c.key) }} />
              </span>
            </li>
          ))}
        </ul>
      </Panel>
      {person.household && (
        <Panel title={t('person.household')}>
          <p className="muted small">{person.household.name}</p>
          <ul>
            {person.household.members.map((m) => (
              <li key={m.id}>
                <Link to="/people/$id" params={{ id: m.id }}>{m.display_name || t('person.unnamed')}</Link>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </div>
  );
};
