// Traits set by hand. Only what was changed is sent; an emptied trait is taken away.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Drawer, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Person } from '@/api/types';
import { useLabel } from '@/i18n';
import { plain } from '@/parts/bits';
import { Field } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { useTraitsPut } from '../queries';

/** A typed text as a value: text stays text, anything else is read as the JSON that it was shown as. */
const read = (text: string, before: unknown): unknown => (before === undefined || typeof before === 'string' ? text : JSON.parse(text));

const reads = (text: string, before: unknown): boolean => {
  try {
    read(text, before);
    return true;
  } catch {
    return false;
  }
};

const New = ({ taken, add }: { taken: string[]; add: (name: string) => void }) => {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const put = () => {
    const clean = name.trim();
    if (clean && !taken.includes(clean)) add(clean);
    setName('');
  };
  return (
    <div className="row">
      <Input size="small" className="mono" value={name} placeholder={t('traits.new')} aria-label={t('traits.new')} onChange={(e) => setName(e.target.value)} onPressEnter={put} />
      <Button size="small" icon={<PlusOutlined />} onClick={put}>{t('action.add')}</Button>
    </div>
  );
};

export const TraitsEdit = ({ person, hide }: { person: Person; hide: () => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const put = useTraitsPut(person.id);
  const before = new Map(person.trait_details.map((trait) => [trait.name, trait.value]));
  const [texts, setTexts] = useState(() => Object.fromEntries([...before].map(([name, value]) => [name, plain(value)])));
  const set = (name: string, text: string) => setTexts({ ...texts, [name]: text });
  const changed = Object.entries(texts).filter(([name, text]) => text !== (before.has(name) ? plain(before.get(name)) : ''));
  const wrong = changed.filter(([name, text]) => text !== '' && !reads(text, before.get(name))).map(([name]) => name);
  const save = () =>
    put.mutate(Object.fromEntries(changed.map(([name, text]) => [name, text === '' ? null : read(text, before.get(name))])), { onSuccess: hide });
  const footer = (
    <div className="row">
      <span className="push" />
      <Button type="primary" disabled={changed.length === 0 || wrong.length > 0} loading={put.isPending} onClick={save}>{t('action.save')}</Button>
    </div>
  );
  return (
    <Drawer open onClose={hide} size={480} title={t('traits.edit')} footer={footer}>
      <div className="stack">
        <p className="muted">{t('traits.edit_text')}</p>
        {Object.entries(texts).map(([name, text]) => (
          <Field key={name} id={`trait-${name}`} label={label('trait', name)} hint={wrong.includes(name) ? <span className="down">{t('traits.not_json')}</span> : undefined}>
            <div className="row">
              <Input id={`trait-${name}`} value={text} status={wrong.includes(name) ? 'error' : undefined} onChange={(e) => set(name, e.target.value)} />
              <Button type="text" icon={<DeleteOutlined />} disabled={text === ''} onClick={() => set(name, '')} aria-label={t('traits.clear', { name: label('trait', name) })} />
            </div>
          </Field>
        ))}
        <New taken={Object.keys(texts)} add={(name) => set(name, '')} />
        {put.error && <ProblemNote error={put.error} />}
      </div>
    </Drawer>
  );
};
