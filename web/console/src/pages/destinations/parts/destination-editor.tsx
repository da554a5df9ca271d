// Where people are sent. Secrets are written, never read back.
import { Alert, App, Form, Input, InputNumber, Modal, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Destination, NewDestination } from '@/api/types';
import { Code } from '@/parts/bits';
import { ProblemNote } from '@/parts/problem';
import { useDestinationAdd, useDestinationPatch } from '../queries';

type Settings = Destination['settings'];
type Kind = Settings['kind'];
const KINDS: readonly Kind[] = ['file', 's3', 'sftp', 'webhook'];

type Entry = { name: string; secret?: boolean; number?: boolean; needed?: boolean; long?: boolean };
const FIELDS: Record<Kind, Entry[]> = {
  file: [{ name: 'folder', needed: true }, { name: 'keep', number: true }],
  s3: [{ name: 'bucket', needed: true }, { name: 'prefix' }, { name: 'region' }, { name: 'endpoint' }, { name: 'access_key_id', needed: true }, { name: 'secret_access_key', secret: true, needed: true }],
  sftp: [{ name: 'host', needed: true }, { name: 'port', number: true }, { name: 'user', needed: true }, { name: 'folder' }, { name: 'host_key' }, { name: 'password', secret: true }, { name: 'private_key', secret: true, long: true }, { name: 'passphrase', secret: true }],
  webhook: [{ name: 'url', secret: true, needed: true }, { name: 'batch', number: true }, { name: 'signing_secret', secret: true }],
};

type Draft = { name: string } & Record<string, string | number | undefined>;

const Made = ({ destination }: { destination: Destination }) => {
  const { t } = useTranslation();
  if (!destination.signing_secret) return null;
  return (
    <div className="stack tight">
      <Alert type="warning" showIcon title={t('destinations.secret_once')} />
      <Code text={destination.signing_secret} label={t('destination_field.signing_secret')} />
    </div>
  );
};

export const DestinationEditor = ({ destination, hide }: { destination: Destination | null; hide: () => void }) => {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const add = useDestinationAdd();
  const patch = useDestinationPatch();
  const [kind, setKind] = useState<Kind>(destination?.settings.kind ?? 'file');
  const [made, setMade] = useState<Destination | null>(null);
  const [form] = Form.useForm<Draft>();
  const submit = async () => {
    const { name, ...values } = await form.validateFields();
    const filled = (secret: boolean) => Object.fromEntries(FIELDS[kind].filter((f) => Boolean(f.secret) === secret).map((f) => [f.name, values[f.name]] as const).filter(([, v]) => v !== undefined && v !== ''));
    // The form holds what the kind asks for; the server says what is wrong with it.
    const body = { name, settings: { kind, ...filled(false) } as Settings, secrets: filled(true) } as unknown as NewDestination;
    if (destination) {
      await patch.mutateAsync({ params: { path: { id: destination.id } }, body });
      void message.success(t('action.saved'));
      hide();
      return;
    }
    const answer = await add.mutateAsync({ body });
    if (answer.signing_secret) setMade(answer);
    else hide();
  };
  const error = add.error ?? patch.error;
  return (
    <Modal open width={560} onCancel={hide} title={destination ? destination.name : t('destinations.add')} okText={made ? t('action.close') : t('action.save')} confirmLoading={add.isPending || patch.isPending} onOk={() => (made ? hide() : void submit().catch(() => undefined))}>
      {made ? (
        <Made destination={made} />
      ) : (
        <Form form={form} layout="vertical" requiredMark={false} initialValues={{ name: destination?.name ?? '', ...(destination?.settings ?? {}) }}>
          {!destination && <Segmented block value={kind} onChange={setKind} options={KINDS.map((value) => ({ value, label: t(`destination_kind.${value}`) }))} style={{ marginBottom: 14 }} />}
          <p className="muted small" style={{ marginBottom: 12 }}>{t(`destination_text.${kind}`)}</p>
          <Form.Item name="name" label={t('audience.name')} rules={[{ required: true }]}><Input /></Form.Item>
          {FIELDS[kind].map((f) => (
            <Form.Item key={f.name} name={f.name} label={t(`destination_field.${f.name}` as 'destination_field.folder')} rules={[{ required: f.needed && !(destination && f.secret) }]} extra={destination && f.secret && destination.secrets.includes(f.name) ? t('destinations.secret_set') : undefined}>
              {f.number ? <InputNumber min={1} precision={0} style={{ width: 160 }} /> : f.long ? <Input.TextArea rows={4} className="mono" autoComplete="off" /> : f.secret ? <Input.Password className="mono" autoComplete="new-password" /> : <Input className="mono" />}
            </Form.Item>
          ))}
          {error ? <ProblemNote error={error} /> : null}
        </Form>
      )}
    </Modal>
  );
};
