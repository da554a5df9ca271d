import { EditOutlined, MergeCellsOutlined, PlusOutlined, TagsOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tag, TagWork } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { useCategories, useTagBook, useTagUndo, useTagWorks } from '../queries';
import { TagBulk, TagEditor } from './tag-editor';

const Change = ({ n }: { n: number | null | undefined }) => {
  const format = useFormat();
  if (n === null || n === undefined || n === 0) return <span className="muted">—</span>;
  return <span className={n > 0 ? 'up' : 'down'}>{n > 0 ? '+' : '−'}{format.number(Math.abs(n))}</span>;
};

const WORK_TONE: Record<string, string> = { running: 'info', done: 'good', failed: 'bad', undoing: 'info', undone: '' };

const Works = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const { can } = useSession();
  const works = useTagWorks();
  const undo = useTagUndo();
  return (
    <Panel title={t('tags.works')} flush>
      <Loaded query={{ ...works, data: works.data?.items }} rows={3} empty={(list) => (list.length === 0 ? <p className="muted small" style={{ padding: '0 16px 14px' }}>{t('tags.no_works')}</p> : null)}>
        {(list) => (
          <ul className="rows">
            {list.map((w: TagWork) => (
              <li key={w.id} className="row wrap" style={{ padding: '8px 16px' }}>
                <span className={`chip ${WORK_TONE[w.state] ?? ''}`}>{label('tag_work', w.state)}</span>
                <span>{t(`tag_verb.${w.verb as 'add' | 'remove' | 'merge'}`, { tag: w.tag, of: w.key })}</span>
                <span className="muted small push">{t('tags.progress', { changed: format.number(w.changed), done: format.number(w.done), total: format.number(w.total) })} · {w.actor} · <Ago at={w.created_at} /></span>
                {can('write') && w.state === 'done' && <Button size="small" onClick={() => undo.mutate({ params: { path: { id: w.id } } })}>{t('tags.undo')}</Button>}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
};

export const Tags = () => {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const tags = useTagBook();
  const categories = useCategories();
  const [edit, setEdit] = useState<Tag | 'new' | null>(null);
  const [bulk, setBulk] = useState<'bulk' | 'merge' | null>(null);
  const category = (key: string | null) => categories.data?.find((c) => c.key === key)?.name ?? key ?? '';
  const tools = can('write') && (
    <>
      <Button size="small" icon={<MergeCellsOutlined />} onClick={() => setBulk('merge')}>{t('tags.merge')}</Button>
      <Button size="small" icon={<TagsOutlined />} onClick={() => setBulk('bulk')}>{t('tags.bulk')}</Button>
      <Button size="small" icon={<PlusOutlined />} onClick={() => setEdit('new')}>{t('tags.add')}</Button>
    </>
  );
  return (
    <div className="stack">
      <Panel title={t('traits_page.tags')} flush tools={tools}>
        <Loaded query={tags} rows={8} empty={(list) => (list.length === 0 ? <Empty title={t('tags.none')} text={t('tags.none_text')} /> : null)}>
          {(list) => (
            <Table<Tag>
              size="small"
              rowKey="name"
              pagination={false}
              dataSource={list}
              scroll={{ x: 820 }}
              columns={[
                { title: t('rule.tag'), key: 'name', render: (_, x) => <span style={{ display: 'grid' }}><Link to="/people" search={{ tag: x.name }}><strong>{x.name}</strong></Link><span className="muted small ellipsis">{[x.description, x.synonyms.join(', ')].filter(Boolean).join(' · ')}</span></span> },
                { title: t('tags.category'), key: 'category', width: 130, render: (_, x) => category(x.category) },
                { title: t('tags.how'), key: 'how', width: 180, render: (_, x) => (x.audience ? <Link to="/audiences/$key" params={{ key: x.audience }} className="chip info">{t('tags.by_rule', { audience: x.audience })}</Link> : <span className="chip">{x.valid_days ? t('tags.by_hand_for', { days: x.valid_days }) : t('tags.by_hand')}</span>) },
                { title: t('computed.coverage'), key: 'count', width: 140, align: 'end', render: (_, x) => `${format.number(x.count)} · ${format.percent(x.share)}` },
                { title: t('tags.change_7d'), key: 'c7', width: 84, align: 'end', render: (_, x) => <Change n={x.change_7d} /> },
                { title: t('tags.change_30d'), key: 'c30', width: 84, align: 'end', render: (_, x) => <Change n={x.change_30d} /> },
                ...(can('write') ? [{ title: '', key: 'edit', width: 48, render: (_: unknown, x: Tag) => <Button size="small" type="text" icon={<EditOutlined />} onClick={() => setEdit(x)} aria-label={t('tags.edit', { name: x.name })} /> }] : []),
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <Works />
      {edit && <TagEditor tag={edit === 'new' ? null : edit} hide={() => setEdit(null)} />}
      {bulk && <TagBulk merge={bulk === 'merge'} hide={() => setBulk(null)} />}
    </div>
  );
};
