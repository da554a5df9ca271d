import { PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Dropdown, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import type { Person } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { StageChip } from '@/parts/bits';
import { STAGES } from '@/parts/codes';
import { useStagePut, useTagAdd, useTagRemove } from '../queries';

export const StagePicker = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const { can } = useSession();
  const put = useStagePut(person.id);
  if (!can('write')) return <StageChip stage={person.stage} />;
  const items = [
    ...STAGES.map((key) => ({ key: key as string, label: label('stage', key) })),
    { type: 'divider' as const },
    { key: '', label: t('person.stage_computed') },
  ];
  return (
    <Dropdown trigger={['click']} menu={{ items, selectedKeys: [person.stage], onClick: ({ key }) => put.mutate(key === '' ? null : key) }}>
      <button type="button" className="cell-btn" style={{ textDecoration: 'none' }} aria-label={t('person.stage_change', { stage: label('stage', person.stage) })}>
        <StageChip stage={person.stage} />
        {person.stage_source === 'manual' && <span className="muted small"> {t('person.stage_manual')}</span>}
      </button>
    </Dropdown>
  );
};

export const Tags = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const { can } = useSession();
  const [adding, setAdding] = useState(false);
  const [text, setText] = useState('');
  const known = $api.useQuery('get', '/api/tags', {}, { enabled: adding });
  const add = useTagAdd(person.id);
  const remove = useTagRemove(person.id);
  const done = (tag: string) => {
    setAdding(false);
    setText('');
    if (tag.trim()) add.mutate(tag.trim());
  };
  return (
    <>
      {person.tags.map((tag) => (
        <Tag key={tag.name} closable={can('write')} onClose={() => remove.mutate(tag.name)} variant="filled" style={{ marginInlineEnd: 0 }}>
          {tag.name}
        </Tag>
      ))}
      {can('write') &&
        (adding ? (
          <AutoComplete autoFocus size="small" style={{ width: 140 }} value={text} onChange={setText} onSelect={done} onBlur={() => setAdding(false)} placeholder={t('person.tag_new')} aria-label={t('person.tag_new')}
            options={(known.data ?? []).filter((x) => x.name.includes(text)).map((x) => ({ value: x.name }))}
            onKeyDown={(event) => {
              if (event.key === 'Enter') done(text);
              if (event.key === 'Escape') setAdding(false);
            }}
          />
        ) : (
          <button type="button" className="chip" style={{ cursor: 'pointer', borderStyle: 'dashed' }} onClick={() => setAdding(true)}>
            <PlusOutlined /> {t('people.tag')}
          </button>
        ))}
    </>
  );
};
