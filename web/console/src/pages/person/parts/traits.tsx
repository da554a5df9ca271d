import { EditOutlined } from '@ant-design/icons';
import { Button, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Person, TraitDetail } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { plain } from '@/parts/bits';
import { usePersonal } from '@/parts/identifier';
import { Panel } from '@/parts/page';
import { Loaded } from '@/parts/states';
import { useTraitHistory } from '../queries';
import { TraitsEdit } from './traits-edit';

const History = ({ person, trait }: { person: Person; trait: TraitDetail }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const personal = usePersonal();
  const history = useTraitHistory(person.id, trait.name);
  return (
    <div style={{ width: 320, maxWidth: '80vw' }}>
      <p className="muted small" style={{ marginBottom: 8 }}>
        {t('traits.rule', { rule: label('trait_rule', trait.rule) })}
      </p>
      <Loaded query={history} rows={3}>
        {(rows) => (
          <ol className="stack tight">
            {rows.map((row, i) => (
              <li key={i}>
                <div style={{ fontWeight: i === 0 ? 600 : 400 }}>{personal(trait.name, plain(row.value))}</div>
                <div className="muted small">
                  {format.dateTime(row.event_at)} · {row.source_name}
                </div>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </div>
  );
};

export const Traits = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const personal = usePersonal();
  const { can } = useSession();
  const [open, setOpen] = useState<string | null>(null);
  const [editing, setEditing] = useState(false);
  const edit = can('write') && can('personal') && (
    <Button size="small" icon={<EditOutlined />} onClick={() => setEditing(true)} data-do="traits">
      {t('action.edit')}
    </Button>
  );
  return (
    <Panel title={t('traits.title')} tools={edit}>
      {person.trait_details.length === 0 && <p className="muted small">{t('traits.none')}</p>}
      <dl className="traits">
        {person.trait_details.map((trait) => (
          <div key={trait.name}>
            <dt>{label('trait', trait.name)}</dt>
            <dd>
              <Popover trigger="click" open={open === trait.name} onOpenChange={(show) => setOpen(show ? trait.name : null)} title={label('trait', trait.name)} content={open === trait.name ? <History person={person} trait={trait} /> : null} destroyOnHidden>
                <button type="button" className="cell-btn ellipsis" style={{ display: 'block', maxWidth: '100%' }}>
                  {personal(trait.name, plain(trait.value))}
                </button>
              </Popover>
              <span className="muted small ellipsis">
                {trait.source_name} · {format.day(trait.event_at)}
                {trait.others.length > 0 && ` · ${t('traits.others', { count: trait.others.length })}`}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      {editing && <TraitsEdit person={person} hide={() => setEditing(false)} />}
    </Panel>
  );
};
