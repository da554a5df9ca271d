// Taking a merge apart: pick what belongs to somebody else, see both sides, confirm with a note.
import { Alert, Button, Checkbox, Drawer, Input, Steps } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from '@tanstack/react-router';
import type { Identifier, Person } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { useLabel } from '@/i18n';
import { IdentifierTag } from '@/parts/identifier';
import { Field } from '@/parts/page';
import { useUnmerge } from '../queries';

const Side = ({ title, list, person, tone }: { title: string; list: Identifier[]; person: Person; tone: string }) => {
  const { t } = useTranslation();
  const ids = new Set(list.map((x) => x.id));
  const traits = person.trait_details.filter((d) => d.identifier_id && ids.has(d.identifier_id));
  return (
    <div className="card" style={{ padding: 14, borderColor: tone }}>
      <strong>{title}</strong>
      <ul className="stack tight" style={{ marginTop: 8 }}>
        {list.map((x) => (
          <li key={x.id}>
            <IdentifierTag {...x} />
          </li>
        ))}
      </ul>
      <p className="muted small" style={{ marginTop: 8 }}>{t('unmerge.traits', { count: traits.length })}</p>
    </div>
  );
};

export const Unmerge = ({ person, hide }: { person: Person; hide: () => void }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useLabel();
  const [step, setStep] = useState(0);
  const [picked, setPicked] = useState<string[]>([]);
  const [block, setBlock] = useState(true);
  const [note, setNote] = useState('');
  const unmerge = useUnmerge(person.id);
  const moved = person.identifiers.filter((x) => picked.includes(x.id));
  const kept = person.identifiers.filter((x) => !picked.includes(x.id));
  const ready = moved.length > 0 && kept.length > 0;
  const confirm = () =>
    unmerge.mutate(
      { identifiers: moved.map(({ namespace, value }) => ({ namespace, value })), block_future: block, note },
      { onSuccess: () => setStep(2) },
    );
  const other = unmerge.data?.persons.find((id) => id !== person.id);
  const footer = (
    <div className="row">
      {step === 1 && <Button onClick={() => setStep(0)}>{t('action.back')}</Button>}
      <span className="push" />
      {step === 0 && <Button type="primary" disabled={!ready} onClick={() => setStep(1)}>{t('unmerge.preview')}</Button>}
      {step === 1 && <Button type="primary" danger loading={unmerge.isPending} disabled={note.trim() === ''} onClick={confirm}>{t('unmerge.do')}</Button>}
      {step === 2 && <Button type="primary" onClick={hide}>{t('action.close')}</Button>}
    </div>
  );
  return (
    <Drawer open onClose={hide} size={560} title={t('unmerge.title')} footer={footer}>
      <div className="stack">
        <Steps size="small" current={step} responsive={false} items={[{ title: t('unmerge.step_pick') }, { title: t('unmerge.step_check') }, { title: t('unmerge.step_done') }]} />
        {step === 0 && (
          <>
            <p className="muted">{t('unmerge.text')}</p>
            <Checkbox.Group value={picked} onChange={setPicked} style={{ display: 'grid', gap: 10 }}>
              {person.identifiers.map((x) => (
                <Checkbox key={x.id} value={x.id}>
                  <IdentifierTag {...x} /> <span className="muted small">{x.source_name} · {format.date(x.first_seen_at)}</span>
                </Checkbox>
              ))}
            </Checkbox.Group>
            {picked.length > 0 && !ready && <Alert type="warning" showIcon title={t('unmerge.not_all')} />}
          </>
        )}
        {step === 1 && (
          <>
            <div className="grid cols-2">
              <Side title={t('unmerge.stays')} list={kept} person={person} tone="var(--teal)" />
              <Side title={t('unmerge.leaves')} list={moved} person={person} tone="var(--verm)" />
            </div>
            <p className="muted small">{t('unmerge.follows')}</p>
            <Checkbox checked={block} onChange={(event) => setBlock(event.target.checked)}>{t('unmerge.block')}</Checkbox>
            <Field label={t('unmerge.note')} id="unmerge-note">
              <Input.TextArea id="unmerge-note" rows={2} value={note} onChange={(event) => setNote(event.target.value)} />
            </Field>
          </>
        )}
        {step === 2 && unmerge.data && (
          <>
            <Alert type="success" showIcon title={t('unmerge.done', { events: format.number(unmerge.data.events_moved) })} />
            <dl className="kv">
              {Object.entries(unmerge.data.affected).map(([what, n]) => (
                <div key={what} style={{ display: 'contents' }}>
                  <dt>{label('affected', what)}</dt>
                  <dd className="num">{typeof n === 'number' ? format.number(n) : String(n)}</dd>
                </div>
              ))}
            </dl>
            {other && (
              <Link to="/people/$id" params={{ id: other }} onClick={hide}>
                {t('unmerge.open_split')}
              </Link>
            )}
          </>
        )}
      </div>
    </Drawer>
  );
};
