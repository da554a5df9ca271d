import { EyeInvisibleOutlined, EyeOutlined, ReloadOutlined } from '@ant-design/icons';
import { Button, InputNumber, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source } from '@/api/types';
import { useSession } from '@/app/session';
import { useFormat } from '@/i18n/format';
import { CopyButton } from '@/parts/bits';
import { Field, Panel } from '@/parts/page';
import { useRotate } from '../queries';
import { SecretOnce } from './secret';

const Rotate = ({ source, hide }: { source: Source; hide: () => void }) => {
  const { t } = useTranslation();
  const [hours, setHours] = useState(24);
  const rotate = useRotate();
  const secret = rotate.data?.webhook_secret;
  const go = () => rotate.mutate({ params: { path: { id: source.id } }, body: { grace_hours: hours } }, { onSuccess: (made) => made.webhook_secret || hide() });
  if (secret) {
    return (
      <Modal open onCancel={hide} onOk={hide} title={t('keys.rotate')} okText={t('action.close')} cancelButtonProps={{ style: { display: 'none' } }}>
        <SecretOnce secret={secret} />
      </Modal>
    );
  }
  return (
    <Modal open onCancel={hide} onOk={go} confirmLoading={rotate.isPending} title={t('keys.rotate')} okText={t('keys.rotate_do')}>
      <p style={{ marginBottom: 12 }}>{t('keys.rotate_text')}</p>
      <Field label={t('keys.grace')} id="grace">
        <InputNumber id="grace" min={0} max={720} value={hours} onChange={(v) => setHours(v ?? 0)} style={{ width: 140 }} />
      </Field>
    </Modal>
  );
};

export const Keys = ({ source }: { source: Source }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const [shown, setShown] = useState(false);
  const [rotating, setRotating] = useState(false);
  return (
    <Panel title={t('keys.title')} tools={can('write') && <Button size="small" icon={<ReloadOutlined />} onClick={() => setRotating(true)}>{t('keys.rotate')}</Button>}>
      <ul className="stack tight">
        {source.write_keys.map((key) => (
          <li key={key.id}>
            <div className="row">
              <span className="mono ellipsis grow">{shown ? key.key : `${key.key.slice(0, 6)}${'•'.repeat(12)}${key.key.slice(-4)}`}</span>
              <Button size="small" type="text" icon={shown ? <EyeInvisibleOutlined /> : <EyeOutlined />} onClick={() => setShown(!shown)} aria-label={shown ? t('keys.hide') : t('keys.show')} />
              <CopyButton text={key.key} />
            </div>
            <span className="muted small">
              {key.expires_at ? <span className="down">{t('keys.ends', { at: format.dateTime(key.expires_at) })}</span> : t('keys.since', { at: format.date(key.created_at) })}
            </span>
          </li>
        ))}
      </ul>
      <p className="muted small" style={{ marginTop: 10 }}>{t('keys.text')}</p>
      {rotating && <Rotate source={source} hide={() => setRotating(false)} />}
    </Panel>
  );
};
