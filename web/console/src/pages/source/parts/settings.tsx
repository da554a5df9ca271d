import { App, Button, Form, Input, InputNumber, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { useRouter } from '@tanstack/react-router';
import type { Source, SourceSettings } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { Panel } from '@/parts/page';
import { useSourceDelete, useSourcePatch } from '../queries';

type Draft = SourceSettings & { name: string; active: boolean };

const RULES = ['unknown_event', 'unknown_property', 'wrong_type', 'missing_required'] as const;
const CONSEQUENCES = ['pass', 'warn', 'drop_property', 'quarantine'];

export const Settings = ({ source }: { source: Source }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const router = useRouter();
  const { message, modal } = App.useApp();
  const { can } = useSession();
  const patch = useSourcePatch();
  const remove = useSourceDelete();
  const [form] = Form.useForm<Draft>();
  const mode = Form.useWatch('plan_mode', form) ?? source.settings.plan_mode;
  const codes = (family: string, list: readonly string[]) => list.map((value) => ({ value, label: label(family, value) }));
  const save = ({ name, active, ...settings }: Draft) =>
    patch.mutate({ params: { path: { id: source.id } }, body: { name, state: active ? 'active' : 'disabled', settings } }, { onSuccess: () => void message.success(t('action.saved')) });
  const ask = () =>
    modal.confirm({
      title: t('source.delete_title', { name: source.name }),
      content: t('source.delete_text'),
      okText: t('action.remove'),
      okButtonProps: { danger: true },
      onOk: async () => {
        await remove.mutateAsync({ params: { path: { id: source.id } } });
        await router.navigate({ to: '/sources' });
      },
    });
  return (
    <Form form={form} layout="vertical" requiredMark={false} disabled={!can('write')} initialValues={{ ...source.settings, name: source.name, active: source.state === 'active' }} onFinish={(draft: Draft) => save(draft)}>
      <div className="grid cols-2">
        <Panel title={t('settings.general')}>
          <Form.Item name="name" label={t('source.name')} rules={[{ required: true }]}><Input /></Form.Item>
          <Form.Item name="active" label={t('source.receives')} valuePropName="checked"><Switch /></Form.Item>
          <div className="grid cols-2" style={{ rowGap: 0 }}>
            <Form.Item name="default_region" label={t('source.region')} tooltip={t('source.region_hint')}><Input maxLength={2} /></Form.Item>
            <Form.Item name="default_currency" label={t('conversion.currency')}><Input maxLength={3} /></Form.Item>
          </div>
          <Form.Item name="time_zone" label={t('source.time_zone')}><Input /></Form.Item>
          <div className="grid cols-2" style={{ rowGap: 0 }}>
            <Form.Item name="acceptance_days" label={t('source.acceptance')} tooltip={t('source.acceptance_hint')}><InputNumber min={1} max={3650} style={{ width: '100%' }} /></Form.Item>
            <Form.Item name="ip" label={t('source.ip')}><Select options={codes('ip', ['truncate', 'full', 'drop'])} /></Form.Item>
          </div>
        </Panel>
        <div className="stack">
          <Panel title={t('source.identity')}>
            <Form.Item name="stitching" label={t('source.stitching')}><Select options={codes('stitching', ['auto', 'session', 'since_logout', 'all', 'off'])} /></Form.Item>
            <Form.Item name="verified" label={t('source.verified')} valuePropName="checked" extra={t('source.verified_hint')}><Switch /></Form.Item>
            <Form.Item name="kiosk" label={t('source.kiosk')} valuePropName="checked" extra={t('source.kiosk_hint')} style={{ marginBottom: 0 }}><Switch /></Form.Item>
          </Panel>
          <Panel title={t('source.plan')}>
            <Form.Item name="plan_mode" label={t('source.plan_mode')}><Select options={codes('plan_mode', ['allow', 'warn', 'quarantine', 'custom'])} /></Form.Item>
            {/* Hidden, not absent: what is not shown is sent as it is. */}
            <div className="grid cols-2" style={{ rowGap: 0, display: mode === 'custom' ? undefined : 'none' }}>
              {RULES.map((rule) => (
                <Form.Item key={rule} name={['plan_rules', rule]} label={label('plan_rule', rule)}><Select options={codes('consequence', CONSEQUENCES)} /></Form.Item>
              ))}
            </div>
          </Panel>
        </div>
      </div>
      {can('write') && (
        <div className="row" style={{ marginTop: 16 }}>
          <Button type="primary" htmlType="submit" loading={patch.isPending}>{t('action.save')}</Button>
          <Button className="push" danger onClick={ask}>{t('source.delete')}</Button>
        </div>
      )}
    </Form>
  );
};
