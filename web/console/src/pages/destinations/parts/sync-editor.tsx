// An audience on its way to a destination: for which purpose, in which form, when.
import { Form, Input, InputNumber, Modal, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Destination, NewAudienceSync } from '@/api/types';
import { useAudiences } from '@/pages/audiences/queries';
import { ProblemNote } from '@/parts/problem';
import { useSyncAdd } from '../queries';

const TABLES = ['csv', 'parquet', 'json'] as const;
const LISTS = ['meta_customers', 'google_customers', 'ocean_list', 'ocean_data', 'tencent_list'] as const;
const OCEAN = ['phone_sha256', 'phone_md5', 'imei_md5', 'idfa_md5', 'oaid', 'oaid_md5'] as const;
const TENCENT = ['phone_sha256', 'phone_md5', 'imei_md5', 'idfa_md5', 'oaid', 'oaid_md5', 'wechat_openid', 'wechat_unionid'] as const;
const COLUMNS = ['identifier:phone', 'identifier:email', 'identifier:member_no', 'identifier:user_id', 'identifier:unionid', 'trait:name', 'trait:gender', 'trait:birthday', 'trait:city', 'stage', 'tags', 'entered_at'] as const;

type Draft = { audience_id: string; purpose: string; channel: string; format: string; id: string; columns: string[]; hashed: string; mode: 'scheduled' | 'continuous'; every: 'every' | 'hourly' | 'daily' | 'weekly'; minutes: number; weekday: number; time: string };

const column = (text: string, hashed: boolean) => {
  const [kind = '', name] = text.split(/:(.*)/s);
  const source = name === undefined ? kind : { [kind]: name };
  return { name: name ?? kind, source, ...(hashed && kind === 'identifier' ? { hash: 'sha256' } : {}) };
};

const scheduleOf = (d: Draft) => {
  const [hour = 0, minute = 0] = d.time.split(':').map(Number);
  switch (d.every) {
    case 'every': return { every: { minutes: d.minutes } };
    case 'hourly': return { hourly: { minute } };
    case 'daily': return { daily: { hour, minute } };
    case 'weekly': return { weekly: { weekday: d.weekday, hour, minute } };
  }
};

const formatOf = (d: Draft) => {
  if (TABLES.some((x) => x === d.format)) return { kind: d.format, columns: d.columns.map((c) => column(c, d.hashed === 'yes')) };
  return d.format === 'meta_customers' || d.format === 'google_customers' ? { kind: d.format } : { kind: d.format, id: d.id };
};

export const SyncEditor = ({ destination, hide }: { destination: Destination; hide: () => void }) => {
  const { t } = useTranslation();
  const audiences = useAudiences();
  const add = useSyncAdd();
  const [form] = Form.useForm<Draft>();
  const values = Form.useWatch([], form) as Draft | undefined;
  const webhook = destination.settings.kind === 'webhook';
  const format = values?.format ?? (webhook ? 'json' : 'csv');
  const mode = values?.mode ?? 'scheduled';
  const every = values?.every ?? 'daily';
  const table = TABLES.some((x) => x === format);
  const submit = async () => {
    await form.validateFields();
    const d = form.getFieldsValue(true) as Draft;
    const body = { audience_id: d.audience_id, purpose: d.purpose, channel: d.channel, format: formatOf(d), mode: d.mode, ...(d.mode === 'scheduled' ? { schedule: scheduleOf(d) } : {}) } as NewAudienceSync;
    await add.mutateAsync({ params: { path: { id: destination.id } }, body });
    hide();
  };
  const formats = webhook ? (['json'] as const) : [...TABLES, ...LISTS];
  return (
    <Modal open width={600} onCancel={hide} title={t('syncs.add', { name: destination.name })} okText={t('action.save')} confirmLoading={add.isPending} onOk={() => void submit().catch(() => undefined)}>
      <Form<Draft> form={form} layout="vertical" requiredMark={false} initialValues={{ purpose: 'marketing', channel: 'ads', format, id: 'phone_sha256', columns: ['identifier:phone', 'identifier:email'], hashed: 'no', mode: 'scheduled', every: 'daily', minutes: 30, weekday: 1, time: '03:00' }}>
        <Form.Item name="audience_id" label={t('rule.audience')} rules={[{ required: true }]}><Select showSearch={{ optionFilterProp: 'label' }} options={(audiences.data ?? []).filter((a) => a.live).map((a) => ({ value: a.id, label: a.name }))} /></Form.Item>
        <div className="grid cols-2" style={{ gap: '0 16px' }}>
          <Form.Item name="purpose" label={t('rule.purpose')} extra={t('syncs.purpose_hint')}><Select options={(['marketing', 'personalisation', 'analytics', 'service'] as const).map((value) => ({ value, label: t(`purpose.${value}`) }))} /></Form.Item>
          <Form.Item name="channel" label={t('rule.channel')}><Select options={(['ads', 'email', 'sms', 'phone', 'push', 'wechat'] as const).map((value) => ({ value, label: t(`channel.${value}`) }))} /></Form.Item>
        </div>
        <Form.Item name="format" label={t('syncs.format')}><Select options={formats.map((value) => ({ value, label: t(`export_format.${value}`) }))} /></Form.Item>
        {table && (
          <>
            <Form.Item name="columns" label={t('syncs.columns')} rules={[{ required: true }]}><Select mode="tags" options={COLUMNS.map((value) => ({ value, label: value }))} /></Form.Item>
            <Form.Item name="hashed" label={t('syncs.hashed')}><Segmented options={[{ value: 'no', label: t('syncs.plain') }, { value: 'yes', label: 'SHA-256' }]} /></Form.Item>
          </>
        )}
        {(format === 'ocean_list' || format === 'ocean_data' || format === 'tencent_list') && <Form.Item name="id" label={t('syncs.id')}><Select options={(format === 'tencent_list' ? TENCENT : OCEAN).map((value) => ({ value, label: t(`export_id.${value}`) }))} /></Form.Item>}
        <Form.Item name="mode" label={t('syncs.mode')} extra={t(mode === 'continuous' ? 'syncs.continuous_text' : 'syncs.scheduled_text')}><Segmented options={(['scheduled', 'continuous'] as const).map((value) => ({ value, label: t(`sync_mode.${value}`) }))} /></Form.Item>
        {mode === 'scheduled' && (
          <div className="row wrap top">
            <Form.Item name="every" label={t('syncs.when')}><Select style={{ width: 170 }} options={(['every', 'hourly', 'daily', 'weekly'] as const).map((value) => ({ value, label: t(`sync_every.${value}`) }))} /></Form.Item>
            {every === 'every' && <Form.Item name="minutes" label={t('syncs.minutes')}><InputNumber min={5} max={1440} precision={0} /></Form.Item>}
            {every === 'weekly' && <Form.Item name="weekday" label={t('rule_field.weekday')}><InputNumber min={1} max={7} precision={0} /></Form.Item>}
            {every !== 'every' && <Form.Item name="time" label={t('syncs.time')}><Input type="time" style={{ width: 130 }} /></Form.Item>}
          </div>
        )}
        {add.error ? <ProblemNote error={add.error} /> : null}
      </Form>
    </Modal>
  );
};
