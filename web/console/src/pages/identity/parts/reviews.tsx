import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Input, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReviewItem } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago, items, More, plain } from '@/parts/bits';
import { IdentifierTag, usePersonal } from '@/parts/identifier';
import { Panel } from '@/parts/page';
import { Said } from '@/parts/said';
import { Empty, Loaded } from '@/parts/states';
import { useDecide, useReviews } from '../queries';

const KINDS = ['refused_merge', 'equal_rank', 'family_phone', 'contested', 'suspended', 'probable'];

const Side = ({ person, other }: { person: ReviewItem['persons'][number]; other: ReviewItem['persons'][number] | undefined }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const personal = usePersonal();
  const names = [...new Set([...Object.keys(person.traits), ...Object.keys(other?.traits ?? {})])];
  return (
    <div className="side">
      <div className="row between">
        <Link to="/people/$id" params={{ id: person.id }}><strong>{person.display_name || t('person.unnamed')}</strong></Link>
        <span className="muted small"><Ago at={person.last_seen_at} /></span>
      </div>
      <div className="row wrap" style={{ gap: '2px 14px', marginTop: 4 }}>
        {person.identifiers.map((x) => <IdentifierTag key={x.namespace + x.value} {...x} />)}
      </div>
      <dl className="kv">
        {names.map((name) => {
          const mine = plain(person.traits[name]);
          const differs = other !== undefined && mine !== plain(other.traits[name]);
          return (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{label('trait', name)}</dt>
              <dd className={differs ? 'differs' : ''}>{personal(name, mine)}</dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
};

const Item = ({ item }: { item: ReviewItem }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const { can } = useSession();
  const decide = useDecide();
  const [note, setNote] = useState('');
  const [a, b] = item.persons;
  const go = (decision: 'merge' | 'keep_apart' | 'dismiss') => decide.mutate({ params: { path: { id: item.id } }, body: { decision, note } });
  return (
    <Panel title={label('review_kind', item.kind)} tools={<span className="muted small">{format.dateTime(item.at)}</span>}>
      <div className="stack" style={{ gap: 12 }}>
        <div className="small">
          <span className="muted">{label('review_text', item.kind)}</span> <Said text={item.reason} wording={item.wording} />
        </div>
        <div className="sides">
          {a && <Side person={a} other={b} />}
          <span className="gapline down" aria-hidden="true">⇹</span>
          {b && <Side person={b} other={a} />}
        </div>
        {item.identifiers.length > 0 && <div className="row wrap small"><span className="muted">{t('review.about')}</span>{item.identifiers.map((x) => <IdentifierTag key={x.namespace + x.value} {...x} />)}</div>}
        {item.state === 'done' ? (
          <p className="small muted">{t('review.decided', { decision: label('decision', item.decision), by: item.decided_by ?? '—' })}</p>
        ) : (
          can('write') && (
            <div className="row wrap">
              <Input size="small" value={note} onChange={(e) => setNote(e.target.value)} placeholder={t('review.note')} aria-label={t('review.note')} style={{ width: 260, maxWidth: '100%' }} />
              <span className="push" />
              <Button size="small" onClick={() => go('dismiss')} disabled={decide.isPending}>{label('decision', 'dismiss')}</Button>
              <Button size="small" onClick={() => go('keep_apart')} disabled={decide.isPending}>{label('decision', 'keep_apart')}</Button>
              <Button size="small" type="primary" onClick={() => go('merge')} disabled={decide.isPending || item.persons.length < 2}>{label('decision', 'merge')}</Button>
            </div>
          )
        )}
      </div>
    </Panel>
  );
};

export const Reviews = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const search = useSearch({ from: '/shell/identity' });
  const navigate = useNavigate({ from: '/identity' });
  const state = search.state === 'done' ? 'done' : 'open';
  const reviews = useReviews(state, search.kind);
  const set = (change: { state?: string; kind?: string }) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  return (
    <div className="stack">
      <div className="row wrap">
        <Segmented value={state} onChange={(v) => set({ state: v })} options={[{ value: 'open', label: t('review.open') }, { value: 'done', label: t('review.done') }]} />
        <Select allowClear placeholder={t('line.kind')} aria-label={t('line.kind')} value={search.kind} onChange={(v?: string) => set({ kind: v })} options={KINDS.map((value) => ({ value, label: label('review_kind', value) }))} style={{ width: 180 }} />
      </div>
      <Loaded query={{ ...reviews, data: items(reviews.data) }} rows={8} empty={(list) => (list.length === 0 ? <section className="card"><Empty title={t('review.none')} text={t('review.none_text')} /></section> : null)}>
        {(list) => <>{list.map((item) => <Item key={item.id} item={item} />)}</>}
      </Loaded>
      <More query={reviews} />
    </div>
  );
};
