// How a signed webhook is read: its secret, and which field of the body becomes which field of the event.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { App, AutoComplete, Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source, SourceSettings } from '@/api/types';
import { useSession } from '@/app/session';
import { Field, Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { useWebhookPatch } from '../queries';

type Hook = NonNullable<SourceSettings['webhook']>;
type Row = { field: string; path: string };

const FIELDS = ['type', 'event', 'userId', 'anonymousId', 'messageId', 'timestamp', 'traits.name', 'traits.phone', 'traits.email', 'properties.order_id', 'properties.revenue', 'properties.currency', 'properties.products'];
const SECRET_MIN = 16;

const Mapping = ({ rows, change, disabled }: { rows: Row[]; change: (rows: Row[]) => void; disabled: boolean }) => {
  const { t } = useTranslation();
  const set = (at: number, part: Partial<Row>) => change(rows.map((row, i) => (i === at ? { ...row, ...part } : row)));
  return (
    <div className="stack tight">
      {rows.map((row, i) => (
        <div key={i} className="hook-row">
          <AutoComplete className="mono" disabled={disabled} value={row.field} options={FIELDS.map((value) => ({ value }))} showSearch={{ filterOption: (q, o) => String(o?.value ?? '').includes(q) }} onChange={(field: string) => set(i, { field })} placeholder={t('webhook.field')} aria-label={t('webhook.field')} />
          <span className="muted" aria-hidden="true">←</span>
          <Input className="mono" disabled={disabled} value={row.path} onChange={(e) => set(i, { path: e.target.value })} placeholder={t('webhook.path')} aria-label={t('webhook.path')} />
          <Button type="text" disabled={disabled} icon={<DeleteOutlined />} onClick={() => change(rows.filter((_, at) => at !== i))} aria-label={t('webhook.drop', { name: row.field })} />
        </div>
      ))}
      {!disabled && <Button size="small" icon={<PlusOutlined />} onClick={() => change([...rows, { field: '', path: '' }])} style={{ alignSelf: 'flex-start' }}>{t('webhook.add')}</Button>}
    </div>
  );
};

export const Webhook = ({ source, hook }: { source: Source; hook: Hook }) => {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { can } = useSession();
  const patch = useWebhookPatch(source.id);
  const [secret, setSecret] = useState('');
  const [rows, setRows] = useState<Row[]>(() => Object.entries(hook.mapping).map(([field, path]) => ({ field, path })));
  const filled = rows.filter((row) => row.field.trim() !== '' && row.path.trim() !== '');
  const save = () =>
    patch.mutate(
      { mapping: Object.fromEntries(filled.map((row) => [row.field.trim(), row.path.trim()])), ...(secret && { secret }) },
      {
        onSuccess: () => {
          setSecret('');
          void message.success(t('action.saved'));
        },
      },
    );
  const short = secret !== '' && secret.length < SECRET_MIN;
  return (
    <Panel title={t('webhook.title')}>
      <div className="stack">
        <Field label={t('webhook.secret')} id="webhook-secret" hint={short ? <span className="down">{t('webhook.secret_short', { count: SECRET_MIN })}</span> : t('webhook.secret_hint')}>
          <Input.Password id="webhook-secret" autoComplete="new-password" disabled={!can('write')} value={secret} placeholder={hook.secret_hint} status={short ? 'error' : undefined} onChange={(e) => setSecret(e.target.value)} />
        </Field>
        <section>
          <h3 className="small">{t('webhook.mapping')}</h3>
          <p className="muted small" style={{ marginBottom: 8 }}>{t('webhook.mapping_text')}</p>
          <Mapping rows={rows} change={setRows} disabled={!can('write')} />
        </section>
        {patch.error && <ProblemNote error={patch.error} />}
        {can('write') && <Button type="primary" disabled={short || filled.length < rows.length} loading={patch.isPending} onClick={save} style={{ alignSelf: 'flex-start' }}>{t('webhook.save')}</Button>}
      </div>
    </Panel>
  );
};
