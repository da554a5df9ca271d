// The schema of one event, as a form for the usual cases and as JSON for the rest. Both edit the same object.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Alert, App, Button, Checkbox, Input, Popconfirm, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlanEvent } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { json, plain } from '@/parts/bits';
import { useJsonRead } from '@/parts/json';
import { Field, Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { usePlanDelete, usePlanPut, useProperties } from '../queries';

type Schema = Record<string, unknown>;
const isObject = (x: unknown): x is Schema => typeof x === 'object' && x !== null && !Array.isArray(x);
const TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object'];

type Change = (schema: Schema) => void;

const Properties = ({ schema, change, disabled }: { schema: Schema; change: Change; disabled: boolean }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? (schema['required'] as string[]) : [];
  const [added, setAdded] = useState('');
  const put = (name: string, rule: Schema) => change({ ...schema, properties: { ...properties, [name]: rule } });
  const drop = (name: string) => {
    const rest = Object.fromEntries(Object.entries(properties).filter(([key]) => key !== name));
    change({ ...schema, properties: rest, required: required.filter((r) => r !== name) });
  };
  const need = (name: string, on: boolean) => change({ ...schema, required: on ? [...required, name] : required.filter((r) => r !== name) });
  const add = () => {
    const name = added.trim();
    if (name && !(name in properties)) put(name, { type: 'string' });
    setAdded('');
  };
  return (
    <div>
      {Object.entries(properties).map(([name, rule]) => {
        const fields = isObject(rule) ? rule : {};
        const choices = Array.isArray(fields['enum']) ? fields['enum'].map(String) : [];
        return (
          <div key={name} className="prop-row">
            <span className="mono ellipsis">{name}</span>
            <Select size="small" disabled={disabled} value={typeof fields['type'] === 'string' ? fields['type'] : undefined} placeholder={t('plan.any_type')} options={TYPES.map((value) => ({ value, label: label('json_type', value) }))} onChange={(type) => put(name, { ...fields, type })} aria-label={t('plan.type_of', { name })} />
            <Checkbox disabled={disabled} checked={required.includes(name)} onChange={(e) => need(name, e.target.checked)}>{t('plan.required')}</Checkbox>
            {fields['type'] === 'string' ? (
              <Select size="small" mode="tags" open={false} suffixIcon={null} disabled={disabled} value={choices} placeholder={t('plan.allowed')} aria-label={t('plan.allowed_of', { name })} onChange={(values: string[]) => put(name, values.length > 0 ? { ...fields, enum: values } : Object.fromEntries(Object.entries(fields).filter(([k]) => k !== 'enum')))} />
            ) : (
              <span className="muted small ellipsis mono">{Object.keys(fields).some((k) => k !== 'type') && plain(Object.fromEntries(Object.entries(fields).filter(([k]) => k !== 'type')))}</span>
            )}
            <Button size="small" type="text" disabled={disabled} icon={<DeleteOutlined />} onClick={() => drop(name)} aria-label={t('plan.drop', { name })} />
          </div>
        );
      })}
      {!disabled && (
        <div className="row" style={{ marginTop: 8, maxWidth: 340 }}>
          <Input size="small" className="mono" value={added} placeholder={t('plan.new_property')} aria-label={t('plan.new_property')} onChange={(e) => setAdded(e.target.value)} onPressEnter={add} />
          <Button size="small" icon={<PlusOutlined />} onClick={add}>{t('action.add')}</Button>
        </div>
      )}
    </div>
  );
};

const Seen = ({ name }: { name: string }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const seen = useProperties(name);
  if (!seen.data || seen.data.length === 0) return null;
  return (
    <section style={{ marginTop: 18 }}>
      <h3 className="small" style={{ marginBottom: 6 }}>{t('plan.seen')}</h3>
      <dl className="kv">
        {seen.data.map((p) => (
          <div key={p.name} style={{ display: 'contents' }}>
            <dt className="mono">{p.name}</dt>
            <dd className="small">
              {Object.entries(p.types).map(([type, n]) => `${label('json_type', type)} ×${n}`).join(', ')} <span className="muted">{p.examples.map(plain).join(' · ')}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
};

export const Schema = ({ event, isNew, saved }: { event: PlanEvent; isNew: boolean; saved: (name: string) => void }) => {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { can } = useSession();
  const put = usePlanPut();
  const remove = usePlanDelete();
  const [name, setName] = useState(event.name);
  const [description, setDescription] = useState(event.description);
  const [schema, setSchema] = useState<Schema>(event.schema);
  const [view, setView] = useState<'form' | 'json'>('form');
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const jsonRead = useJsonRead();
  const write = can('write');
  const show = (next: 'form' | 'json') => {
    if (next === 'json') setText(json(schema));
    setView(next);
  };
  const type = (value: string) => {
    setText(value);
    const read = jsonRead(value, isObject, t('plan.not_object'));
    if (read.value) setSchema(read.value);
    setWrong(read.wrong);
  };
  const save = () =>
    put.mutate({ params: { path: { name: name.trim() } }, body: { schema, description } }, { onSuccess: () => { void message.success(t('action.saved')); saved(name.trim()); } });
  return (
    <Panel
      title={isNew ? t('plan.new_event') : event.name}
      tools={<Segmented size="small" value={view} onChange={show} options={[{ value: 'form', label: t('plan.as_form') }, { value: 'json', label: 'JSON' }]} />}
    >
      <div className="stack">
        {isNew && <Field label={t('conversion.event')} id="plan-name"><Input id="plan-name" value={name} onChange={(e) => setName(e.target.value)} /></Field>}
        <Field label={t('plan.description')} id="plan-description"><Input id="plan-description" disabled={!write} value={description} onChange={(e) => setDescription(e.target.value)} /></Field>
        {view === 'form' ? <Properties schema={schema} change={setSchema} disabled={!write} /> : <Input.TextArea className="mono" autoSize={{ minRows: 14, maxRows: 30 }} value={text} onChange={(e) => type(e.target.value)} disabled={!write} aria-label={t('plan.schema')} status={wrong ? 'error' : undefined} spellCheck={false} />}
        {wrong && <Alert type="error" showIcon title={wrong} />}
        {put.error && <ProblemNote error={put.error} />}
        {write && (
          <div className="row">
            <Button type="primary" disabled={wrong !== null || name.trim() === ''} loading={put.isPending} onClick={save}>{t('action.save')}</Button>
            {!isNew && (
              <Popconfirm title={event.builtin ? t('plan.restore_ask') : t('plan.remove_ask')} onConfirm={() => remove.mutate({ params: { path: { name: event.name } } })}>
                <Button className="push" danger={!event.builtin}>{event.builtin ? t('plan.restore') : t('action.remove')}</Button>
              </Popconfirm>
            )}
          </div>
        )}
        {!isNew && <Seen name={event.name} />}
      </div>
    </Panel>
  );
};
