import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Drawer, Form, Input, InputNumber, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import type { Conversion, ConversionIn } from '@/api/types';
import { useLabel } from '@/i18n';
import { useBuiltInName } from '@/parts/built-in';
import { ProblemNote } from '@/parts/problem';
import { useConversionAdd, useConversionPatch } from '../queries';

type Filter = NonNullable<Conversion['filter']>['all'][number];
type Draft = { name: string; key: string; event: string; worth: 'revenue' | 'none' | 'property' | 'fixed'; property?: string; fixed?: number; count: Conversion['count']; dedupe: Conversion['dedupe']; refund_event?: string; currency: string; default: boolean; filters?: { path: string; op: Filter['op']; value?: string }[] };

const OPS: Filter['op'][] = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'contains', 'exists'];

/** A typed value is a number or a truth value when it reads as one; a list is separated by commas. */
const valueOf = (op: Filter['op'], text: string | undefined): unknown => {
  const one = (s: string): unknown => (s === 'true' ? true : s === 'false' ? false : s.trim() !== '' && Number.isFinite(Number(s)) ? Number(s) : s);
  if (op === 'exists') return true;
  if (op === 'in') return (text ?? '').split(/[,\uff0c]/).map((s) => one(s.trim()));
  return one(text ?? '');
};

const draftOf = (c: Conversion | null): Draft => {
  if (!c) return { name: '', key: '', event: '', worth: 'revenue', count: 'every', dedupe: 'order_id', currency: 'CNY', default: false };
  const worth = typeof c.value === 'object' && c.value !== null ? (c.value as { property?: string; fixed_minor?: number }) : null;
  return {
    ...c,
    refund_event: c.refund_event ?? undefined,
    worth: worth ? (worth.property !== undefined ? 'property' : 'fixed') : c.value === 'none' ? 'none' : 'revenue',
    property: worth?.property,
    fixed: worth?.fixed_minor,
    filters: c.filter?.all.map((f) => ({ path: f.path, op: f.op, value: Array.isArray(f.value) ? f.value.join(', ') : String(f.value ?? '') })),
  };
};

const bodyOf = ({ worth, property, fixed, filters, refund_event, ...rest }: Draft): ConversionIn => ({
  name: rest.name,
  key: rest.key,
  event: rest.event,
  count: rest.count,
  dedupe: rest.dedupe,
  currency: rest.currency,
  default: rest.default,
  refund_event: refund_event || null,
  value: worth === 'property' ? { property: property ?? '' } : worth === 'fixed' ? { fixed_minor: fixed ?? 0 } : worth,
  filter: filters && filters.length > 0 ? { all: filters.map((f) => ({ path: f.path, op: f.op, value: valueOf(f.op, f.value) })) } : null,
});

export const ConversionEditor = ({ conversion, hide }: { conversion: Conversion | null; hide: () => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const nameOf = useBuiltInName();
  const [form] = Form.useForm<Draft>();
  const worth = Form.useWatch('worth', form);
  const plan = $api.useQuery('get', '/api/plan');
  const add = useConversionAdd();
  const patch = useConversionPatch();
  const events = (plan.data?.events ?? []).map((e) => ({ value: e.name }));
  const codes = (family: string, list: readonly string[]) => list.map((value) => ({ value, label: label(family, value) }));
  const error = add.error ?? patch.error;
  const save = async () => {
    const body = bodyOf(await form.validateFields());
    if (conversion) await patch.mutateAsync({ params: { path: { id: conversion.id } }, body });
    else await add.mutateAsync({ body });
    hide();
  };
  return (
    <Drawer
      open
      onClose={hide}
      size={600}
      title={conversion ? nameOf(conversion) : t('conversion.add')}
      footer={
        <div className="row">
          <span className="push" />
          <Button onClick={hide}>{t('action.cancel')}</Button>
          <Button type="primary" loading={add.isPending || patch.isPending} onClick={() => void save().catch(() => undefined)}>{t('action.save')}</Button>
        </div>
      }
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={draftOf(conversion)}>
        <Form.Item name="name" label={t('conversion.name')} rules={[{ required: true }]}><Input /></Form.Item>
        <Form.Item name="key" label={t('conversion.key')} rules={[{ required: true, pattern: /^[a-z0-9_]+$/ }]} extra={t('conversion.key_hint')}><Input className="mono" disabled={conversion !== null} /></Form.Item>
        <Form.Item name="event" label={t('conversion.event')} rules={[{ required: true }]}><AutoComplete options={events} showSearch={{ filterOption: true }} /></Form.Item>
        <Form.Item label={t('conversion.filter')}>
          <Form.List name="filters">
            {(fields, list) => (
              <>
                {fields.map((field) => (
                  <div key={field.key} className="cond-edit">
                    <Form.Item name={[field.name, 'path']} noStyle rules={[{ required: true }]}><Input className="mono" placeholder="properties.revenue" aria-label={t('conversion.path')} /></Form.Item>
                    <Form.Item name={[field.name, 'op']} noStyle><Select options={codes('filter_op', OPS)} aria-label={t('rules.op')} /></Form.Item>
                    <Form.Item name={[field.name, 'value']} noStyle><Input aria-label={t('rules.values')} /></Form.Item>
                    <Button type="text" icon={<DeleteOutlined />} onClick={() => list.remove(field.name)} aria-label={t('action.remove')} />
                  </div>
                ))}
                <Button size="small" icon={<PlusOutlined />} onClick={() => list.add({ op: 'eq' })}>{t('rules.add_condition')}</Button>
              </>
            )}
          </Form.List>
        </Form.Item>
        <Form.Item name="worth" label={t('conversion.value')}><Select options={codes('conversion_value', ['revenue', 'none', 'property', 'fixed'])} /></Form.Item>
        {worth === 'property' && <Form.Item name="property" label={t('conversion.path')} rules={[{ required: true }]}><Input className="mono" /></Form.Item>}
        {worth === 'fixed' && <Form.Item name="fixed" label={t('conversion.fixed')} rules={[{ required: true }]}><InputNumber min={0} style={{ width: '100%' }} /></Form.Item>}
        <div className="grid cols-2">
          <Form.Item name="count" label={t('conversion.count')}><Select options={codes('conversion_count', ['every', 'once_per_person', 'once_per_session'])} /></Form.Item>
          <Form.Item name="dedupe" label={t('conversion.dedupe')}><Select options={codes('conversion_dedupe', ['order_id', 'none'])} /></Form.Item>
          <Form.Item name="refund_event" label={t('conversion.refund')}><AutoComplete allowClear options={events} /></Form.Item>
          <Form.Item name="currency" label={t('conversion.currency')} rules={[{ required: true, len: 3 }]}><Input /></Form.Item>
        </div>
        <Form.Item name="default" label={t('conversion.default')} valuePropName="checked"><Switch /></Form.Item>
        {error && <ProblemNote error={error} />}
      </Form>
    </Drawer>
  );
};
