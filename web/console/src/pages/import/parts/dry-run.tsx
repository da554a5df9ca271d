import { Alert, Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import type { DryRun } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Json, plain } from '@/parts/bits';
import { eventAbout, useEventName } from '@/parts/event';
import { IdentifierTag, usePersonal } from '@/parts/identifier';
import { Panel } from '@/parts/page';
import { Said } from '@/parts/said';

const text = (event: Record<string, unknown>, key: string): string => (typeof event[key] === 'string' ? (event[key] as string) : '');
const object = (x: unknown): Record<string, unknown> => (typeof x === 'object' && x !== null ? (x as Record<string, unknown>) : {});

const Events = ({ data }: { data: DryRun }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const eventName = useEventName();
  return (
    <ol className="rows">
      {data.rows.map((row) => (
        <li key={row.line} style={{ padding: '8px 0' }}>
          <span className="muted small">{t('import.line', { n: row.line })}</span>
          {row.error && <span className="down small"> <Said text={row.error} wording={row.wording} /></span>}
          {row.events.map((event, i) => (
            <details key={i}>
              <summary style={{ cursor: 'pointer' }}>
                <strong>{eventName(text(event, 'type'), text(event, 'event') || text(event, 'name'))}</strong> {eventAbout(object(event['properties']))} <span className="muted small">{format.dateTime(text(event, 'timestamp') || null)}</span>
              </summary>
              <div style={{ marginTop: 6 }}><Json value={event} label={t('quarantine.raw')} /></div>
            </details>
          ))}
        </li>
      ))}
    </ol>
  );
};

const People = ({ data }: { data: DryRun }) => {
  const label = useLabel();
  const personal = usePersonal();
  return (
    <ul className="rows">
      {data.people.map((person, i) => (
        <li key={i} className="row wrap" style={{ padding: '8px 0', gap: '4px 16px' }}>
          {person.identifiers.map((x) => <IdentifierTag key={x.namespace + x.value} {...x} />)}
          <span className="muted small">{Object.entries(person.traits).map(([k, v]) => `${label('trait', k)}: ${personal(k, plain(v))}`).join(' · ')}</span>
        </li>
      ))}
    </ul>
  );
};

export const DryRunView = ({ data }: { data: DryRun }) => {
  const { t } = useTranslation();
  return (
    <Panel title={t('import.dry_title')}>
      {data.errors.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t('import.dry_errors', { count: data.errors.length })}
          description={data.errors.slice(0, 8).map((e) => <div key={`${e.line}${e.column}`}>{t('import.line', { n: e.line })}{e.column ? ` · ${e.column}` : ''}: <Said text={e.message} wording={e.wording} /></div>)}
          style={{ marginBottom: 12 }}
        />
      )}
      <Tabs size="small" items={[{ key: 'events', label: t('import.as_events'), children: <Events data={data} /> }, { key: 'people', label: t('import.as_people'), children: <People data={data} /> }]} />
    </Panel>
  );
};
