// Saying by hand that two people are one, or that they never are.
import { Button, Drawer, Input, Radio, Select } from 'antd';
import { keepPreviousData } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import type { Person, PersonRow } from '@/api/types';
import { IdentifierTag } from '@/parts/identifier';
import { Field } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { useCannotLink, useMerge } from '../queries';

type Relation = 'same' | 'different';

const Option = ({ row }: { row: PersonRow }) => {
  const { t } = useTranslation();
  return (
    <span className="row" style={{ gap: 8 }}>
      <span className="ellipsis">{row.display_name || t('person.unnamed')}</span>
      {row.identifiers.slice(0, 1).map((x) => <IdentifierTag key={x.namespace + x.value} {...x} />)}
    </span>
  );
};

/** Another person, found by a name or any identifier. */
const Other = ({ person, value, choose }: { person: Person; value: string | null; choose: (id: string | null) => void }) => {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const q = useDeferredValue(text.trim());
  const found = $api.useQuery('get', '/api/people', { params: { query: { q, limit: 8 } } }, { enabled: q.length > 0, placeholderData: keepPreviousData });
  const rows = q ? (found.data?.items ?? []).filter((row) => row.id !== person.id) : [];
  return (
    <Select
      id="relate-other"
      allowClear
      showSearch={{ filterOption: false, onSearch: setText }}
      value={value}
      onChange={(id: string | null | undefined) => choose(id ?? null)}
      options={rows.map((row) => ({ value: row.id, label: <Option row={row} /> }))}
      loading={found.isFetching}
      placeholder={t('finder.placeholder')}
      notFoundContent={q && !found.isFetching ? t('finder.none', { q }) : null}
      style={{ width: '100%' }}
    />
  );
};

export const Relate = ({ person, hide }: { person: Person; hide: () => void }) => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [relation, setRelation] = useState<Relation>('same');
  const [other, setOther] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const merge = useMerge(person.id);
  const part = useCannotLink(person.id);
  const failed = merge.error ?? part.error;
  const save = () => {
    if (!other) return;
    const body = { other, note: note.trim() };
    const to = (id: string) => {
      hide();
      if (id !== person.id) void navigate({ to: '/people/$id', params: { id } });
    };
    if (relation === 'same') merge.mutate(body, { onSuccess: (merged) => to(merged?.person_id ?? person.id) });
    else part.mutate(body, { onSuccess: hide });
  };
  const footer = (
    <div className="row">
      <span className="push" />
      <Button type="primary" disabled={!other || note.trim() === ''} loading={merge.isPending || part.isPending} onClick={save}>
        {relation === 'same' ? t('relate.merge') : t('relate.keep_apart')}
      </Button>
    </div>
  );
  return (
    <Drawer open onClose={hide} size={520} title={t('relate.title')} footer={footer}>
      <div className="stack">
        <Field label={t('relate.other')} id="relate-other">
          <Other person={person} value={other} choose={setOther} />
        </Field>
        <Radio.Group
          value={relation}
          onChange={(event) => setRelation(event.target.value as Relation)}
          style={{ display: 'grid', gap: 10 }}
          options={[{ value: 'same', label: t('relate.same') }, { value: 'different', label: t('relate.different') }]}
        />
        <p className="muted small">{relation === 'same' ? t('relate.same_text') : t('relate.different_text')}</p>
        <Field label={t('unmerge.note')} id="relate-note">
          <Input.TextArea id="relate-note" rows={2} value={note} onChange={(event) => setNote(event.target.value)} />
        </Field>
        {failed && <ProblemNote error={failed} />}
      </div>
    </Drawer>
  );
};
