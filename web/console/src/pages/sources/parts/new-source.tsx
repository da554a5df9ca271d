// A new source in two steps: what it is, then how to send to it.
import { Alert, Button, Drawer, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source, SourceKind } from '@/api/types';
import { useLabel } from '@/i18n';
import { KindIcon } from '@/parts/channel';
import { KINDS } from '@/parts/codes';
import { Field } from '@/parts/page';
import { Guide } from '@/pages/source/parts/guide';
import { SecretOnce } from '@/pages/source/parts/secret';
import { ProblemNote } from '@/parts/problem';
import { useRouter } from '@tanstack/react-router';
import { useSourceAdd } from '../queries';

export const NewSource = ({ hide }: { hide: () => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const router = useRouter();
  const add = useSourceAdd();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<SourceKind>('web');
  const made: Source | undefined = add.data;
  const create = () => add.mutate({ body: { name: name.trim() || label('kind', kind), kind } });
  const footer = (
    <div className="row">
      <span className="push" />
      {made ? (
        <Button type="primary" onClick={() => void router.navigate({ to: '/sources/$id', params: { id: made.id } })}>{t('source.open')}</Button>
      ) : (
        <Button type="primary" loading={add.isPending} onClick={create}>{t('source.create')}</Button>
      )}
    </div>
  );
  return (
    <Drawer open onClose={hide} size={720} title={made ? made.name : t('source.add')} footer={footer}>
      {made ? (
        <div className="stack">
          <Alert type="success" showIcon title={t('source.made')} description={t('source.made_text')} />
          {made.webhook_secret && <SecretOnce secret={made.webhook_secret} />}
          <Guide source={made} />
        </div>
      ) : (
        <div className="stack">
          <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
            <legend className="small" style={{ color: 'var(--text-2)', marginBottom: 8 }}>{t('source.kind')}</legend>
            <div className="kinds">
              {KINDS.filter((k) => k !== 'import').map((k) => (
                <label key={k}>
                  <input type="radio" name="kind" value={k} checked={kind === k} onChange={() => setKind(k)} />
                  <KindIcon kind={k} /> {label('kind', k)}
                </label>
              ))}
            </div>
          </fieldset>
          <Field label={t('source.name')} id="source-name" hint={t('source.name_hint')}>
            <Input id="source-name" value={name} placeholder={label('kind', kind)} onChange={(e) => setName(e.target.value)} onPressEnter={create} />
          </Field>
          <p className="muted small">{label('kind_text', kind)}</p>
          {add.error && <ProblemNote error={add.error} />}
        </div>
      )}
    </Drawer>
  );
};
