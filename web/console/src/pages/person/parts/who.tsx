import { ApartmentOutlined, CheckCircleFilled, ScissorOutlined, UsergroupAddOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Identifier, Person } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { CopyButton } from '@/parts/bits';
import { usePersonal } from '@/parts/identifier';
import { Panel } from '@/parts/page';
import { Relate } from './relate';
import { Unmerge } from './unmerge';
import { WhyDrawer } from './why';

const TONE: Record<string, string> = { shared: 'violet', suspended: 'warn', ended: '' };

const Row = ({ identifier }: { identifier: Identifier }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const personal = usePersonal();
  const [base = '', app] = identifier.namespace.split(':');
  return (
    <li className={identifier.status === 'ended' ? 'ended' : ''}>
      <i className={`knot ${identifier.verified ? 'sure' : ''}`} />
      <div className="grow">
        <div className="row" style={{ gap: 6 }}>
          <span className="muted small nowrap">{label('namespace', base)}{app ? ` · ${app}` : ''}</span>
          {identifier.verified && (
            <Tooltip title={t('person.verified')}>
              <CheckCircleFilled style={{ color: 'var(--green)', fontSize: 12 }} aria-label={t('person.verified')} />
            </Tooltip>
          )}
          {identifier.status !== 'active' && <span className={`chip ${TONE[identifier.status] ?? ''}`}>{label('identifier_status', identifier.status)}</span>}
        </div>
        <div className="row between">
          <span className="mono ellipsis">{personal(identifier.namespace, identifier.value)}</span>
          <CopyButton text={identifier.value} />
        </div>
        <div className="muted small ellipsis">
          {identifier.source_name} · {format.date(identifier.first_seen_at)}
          {identifier.ended_at ? ` → ${format.date(identifier.ended_at)}` : ''}
        </div>
      </div>
    </li>
  );
};

export const Who = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const { can } = useSession();
  const [open, setOpen] = useState<'why' | 'unmerge' | 'relate' | null>(null);
  return (
    <Panel
      title={t('person.who')}
      tools={
        <>
          <Button size="small" icon={<ApartmentOutlined />} onClick={() => setOpen('why')} data-do="why">
            {t('person.why')}
          </Button>
          {can('write') && person.identifiers.length > 1 && (
            <Button size="small" icon={<ScissorOutlined />} onClick={() => setOpen('unmerge')} data-do="unmerge">
              {t('person.unmerge')}
            </Button>
          )}
        </>
      }
    >
      <ul className="knots">
        {person.identifiers.map((identifier) => (
          <Row key={identifier.id} identifier={identifier} />
        ))}
      </ul>
      {can('write') && (
        <Button block size="small" type="dashed" icon={<UsergroupAddOutlined />} onClick={() => setOpen('relate')} data-do="relate" style={{ marginTop: 12 }}>
          {t('relate.open')}
        </Button>
      )}
      {open === 'why' && <WhyDrawer person={person} hide={() => setOpen(null)} />}
      {open === 'unmerge' && <Unmerge person={person} hide={() => setOpen(null)} />}
      {open === 'relate' && <Relate person={person} hide={() => setOpen(null)} />}
    </Panel>
  );
};
