import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { QuarantineGroup } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { useGroups } from '../queries';
import { Group } from './group';

const same = (g: QuarantineGroup, s: { reason?: string; source?: string; name?: string }) =>
  (!s.reason || g.reason === s.reason) && (!s.source || g.source_id === s.source) && (!s.name || g.event_name === s.name);

export const Quarantine = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const search = useSearch({ from: '/shell/plan' });
  const navigate = useNavigate({ from: '/plan' });
  const groups = useGroups();
  const open = (g: QuarantineGroup) => void navigate({ search: { tab: 'quarantine', reason: g.reason, source: g.source_id, name: g.event_name }, replace: true });
  return (
    <Loaded query={groups} rows={10} empty={(list) => (list.length === 0 ? <section className="card"><Empty title={t('quarantine.none')} text={t('quarantine.none_text')} /></section> : null)}>
      {(list) => {
        const chosen = list.find((g) => same(g, search)) ?? list[0];
        return (
          <div className="two-pane">
            <Panel title={t('quarantine.groups')} flush>
              <div className="rows">
                {list.map((g) => (
                  <button key={`${g.reason}${g.source_id}${g.event_name}`} type="button" className="list-btn" aria-current={g === chosen ? 'true' : undefined} onClick={() => open(g)}>
                    <span className="grow">
                      <span className="row between">
                        <strong className="ellipsis">{label('reason', g.reason)}</strong>
                        <b className="num">{format.number(g.count)}</b>
                      </span>
                      <span className="small ellipsis" style={{ display: 'block' }}>{g.event_name || '—'} · {g.source_name}</span>
                      <span className="muted small"><Ago at={g.last_at} /></span>
                    </span>
                  </button>
                ))}
              </div>
            </Panel>
            {chosen && <Group key={`${chosen.reason}${chosen.source_id}${chosen.event_name}`} group={chosen} />}
          </div>
        );
      }}
    </Loaded>
  );
};
