// People as a table, and as cards on a phone. Used by the people page and behind every number that counts people.
import { Link, useRouter } from '@tanstack/react-router';
import { Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import type { PersonRow } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago, StageChip } from './bits';
import { kindColor } from './channel';
import { IdentifierTag } from './identifier';
import './people-table.css';

const name = (row: PersonRow, unnamed: string): string => row.display_name || unnamed;

export const Face = ({ row }: { row: { id: string; display_name: string } }) => {
  const first = [...row.display_name.trim()][0];
  return <span className={`face ${first ? '' : 'nobody'}`} data-tone={row.id.charCodeAt(row.id.length - 1) % 5}>{first?.toUpperCase() ?? '?'}</span>;
};

/** Kinds of the sources that saw the person. */
const KindDots = ({ row }: { row: PersonRow }) => {
  const label = useLabel();
  return (
    <span className="channel-dots" title={row.channels.map((kind) => label('kind', kind)).join(' · ')}>
      <span className="sr">{row.channels.map((kind) => label('kind', kind)).join(', ')}</span>
      {row.channels.slice(0, 6).map((kind) => (
        <i key={kind} style={{ background: kindColor(kind) }} />
      ))}
    </span>
  );
};

const Card = ({ row }: { row: PersonRow }) => {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Link to="/people/$id" params={{ id: row.id }} className="person-card">
      <Face row={row} />
      <div className="grow">
        <div className="row between">
          <strong className="ellipsis">{name(row, t('person.unnamed'))}</strong>
          <StageChip stage={row.stage} />
        </div>
        {row.identifiers[0] && <IdentifierTag {...row.identifiers[0]} />}
        <div className="row between small muted">
          <KindDots row={row} />
          <span className="num">
            {row.orders > 0 ? `${t('people.orders', { count: row.orders })} · ${format.money(row.revenue_minor, row.currency)}` : format.ago(row.last_seen_at)}
          </span>
        </div>
      </div>
    </Link>
  );
};

export const PeopleTable = ({ rows, busy }: { rows: PersonRow[]; busy?: boolean }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const router = useRouter();
  const columns: TableColumnsType<PersonRow> = [
    {
      title: t('people.person'),
      key: 'person',
      width: 156,
      render: (_, row) => (
        <span className="row">
          <Face row={row} />
          <Link to="/people/$id" params={{ id: row.id }} className="person-name ellipsis" onClick={(event) => event.stopPropagation()}>
            {name(row, t('person.unnamed'))}
          </Link>
        </span>
      ),
    },
    {
      title: t('people.identifiers'),
      key: 'identifiers',
      render: (_, row) => (
        <span className="row" style={{ gap: 14 }}>
          {row.identifiers.slice(0, 2).map((x) => (
            <IdentifierTag key={x.namespace + x.value} {...x} />
          ))}
          {row.identifiers.length > 2 && <span className="muted small">+{row.identifiers.length - 2}</span>}
        </span>
      ),
    },
    {
      title: t('people.stage'),
      key: 'stage',
      width: 128,
      render: (_, row) => (
        <span className="row" style={{ gap: 5 }}>
          <StageChip stage={row.stage} />
          {row.tags.slice(0, 1).map((tag) => (
            <span key={tag} className="chip ellipsis">{tag}</span>
          ))}
          {row.tags.length > 1 && <span className="muted small" title={row.tags.join(' · ')}>+{row.tags.length - 1}</span>}
        </span>
      ),
    },
    { title: t('people.seen_in'), key: 'kinds', width: 100, render: (_, row) => <KindDots row={row} /> },
    { title: t('people.orders_title'), key: 'orders', width: 76, align: 'end', render: (_, row) => (row.orders > 0 ? format.number(row.orders) : <span className="muted">—</span>) },
    { title: t('people.revenue'), key: 'revenue', width: 96, align: 'end', render: (_, row) => (row.orders > 0 ? format.money(row.revenue_minor, row.currency) : <span className="muted">—</span>) },
    { title: t('people.last_seen'), key: 'last', width: 128, align: 'end', render: (_, row) => <Ago at={row.last_seen_at} /> },
  ];
  return (
    <div aria-busy={busy} style={{ opacity: busy ? 0.6 : 1, transition: 'opacity .15s' }}>
      <div className="only-wide">
        <Table size="small" rowKey="id" columns={columns} dataSource={rows} pagination={false} tableLayout="fixed" scroll={{ x: 980 }} onRow={(row) => ({ className: 'clickable', onClick: () => void router.navigate({ to: '/people/$id', params: { id: row.id } }) })} />
      </div>
      <div className="only-phone">
        <div className="rows">
          {rows.map((row) => (
            <Card key={row.id} row={row} />
          ))}
        </div>
      </div>
    </div>
  );
};
