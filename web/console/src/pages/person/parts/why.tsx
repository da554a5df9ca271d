// "Why is this one person?": the links between identifiers with their evidence, as a picture and as a list.
import { Drawer, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Explain, ExplainEdge, Person } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { IdentifierTag, usePersonal } from '@/parts/identifier';
import { Said } from '@/parts/said';
import { Empty, Loaded } from '@/parts/states';
import { useExplain } from '../queries';

const EdgeList = ({ edges }: { edges: ExplainEdge[] }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  return (
    <ol className="edges">
      {edges.map((edge, i) => (
        <li key={i}>
          <div className="row wrap" style={{ gap: 8 }}>
            <IdentifierTag {...edge.a} />
            <span className="muted" aria-label={t('why.linked_to')}>⟷</span>
            <IdentifierTag {...edge.b} />
          </div>
          <ul>
            {edge.evidence.map((e) => (
              <li key={e.seq} className="small">
                <span className="chip">{label('evidence', e.kind)}</span> {format.dateTime(e.at)} · {e.source_name ?? e.actor ?? '—'}
                <span className="muted"> · {t('why.seq', { seq: e.seq, version: e.rule_version })}</span>
                {e.note && <div className="muted"><Said text={e.note} wording={e.wording} own /></div>}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
};

const W = 560;
const nodeKey = (x: { namespace: string; value: string }) => `${x.namespace}\u0000${x.value}`;

/** So tall that neighbours at the top and the bottom of the ring stand clear of each other. */
const ringRadius = (count: number): number => Math.min(Math.max(44 / (1 - Math.cos((2 * Math.PI) / Math.max(count, 3))), 104), 420);

/** Identifiers on a ring, the best linked one in the middle; a thicker line has more evidence. */
const Picture = ({ edges }: { edges: ExplainEdge[] }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const personal = usePersonal();
  const nodes = new Map(edges.flatMap((e) => [[nodeKey(e.a), e.a] as const, [nodeKey(e.b), e.b] as const]));
  const degree = (key: string) => edges.filter((e) => nodeKey(e.a) === key || nodeKey(e.b) === key).length;
  const order = [...nodes.keys()].sort((a, b) => degree(b) - degree(a));
  const radius = ringRadius(order.length - 1);
  const height = 2 * radius + 92;
  const at = new Map(
    order.map((key, i) => {
      const angle = ((i - 1) / Math.max(order.length - 1, 1)) * 2 * Math.PI - Math.PI / 2;
      return [key, i === 0 ? { x: W / 2, y: height / 2 } : { x: W / 2 + Math.cos(angle) * 195, y: height / 2 + Math.sin(angle) * radius }] as const;
    }),
  );
  const short = (text: string) => (text.length > 17 ? `${text.slice(0, 9)}…${text.slice(-5)}` : text);
  return (
    <svg viewBox={`0 0 ${W} ${height}`} role="img" aria-label={t('why.picture', { count: order.length, links: edges.length })} style={{ width: '100%' }}>
      {edges.map((e, i) => {
        const [a, b] = [at.get(nodeKey(e.a)), at.get(nodeKey(e.b))];
        if (!a || !b) return null;
        return <path key={i} d={`M${a.x} ${a.y}Q${(a.x + b.x) / 2 + 14} ${(a.y + b.y) / 2 - 14} ${b.x} ${b.y}`} fill="none" stroke="var(--thread)" strokeWidth={Math.min(1 + e.evidence.length * 0.6, 4)} />;
      })}
      {order.map((key, i) => {
        const node = nodes.get(key);
        const p = at.get(key);
        if (!node || !p) return null;
        return (
          <g key={key} transform={`translate(${p.x} ${p.y})`}>
            <rect x="-72" y="-19" width="144" height="38" rx="10" fill="var(--surface)" stroke={i === 0 ? 'var(--verm)' : 'var(--teal)'} strokeWidth="1.4" />
            <text textAnchor="middle" y="-4" fontSize="10.5" fill="var(--muted)">{label('namespace', node.namespace.split(':')[0])}</text>
            <text textAnchor="middle" y="11" fontSize="11.5" fill="var(--text)" fontFamily="var(--mono)">{short(personal(node.namespace, node.value))}</text>
          </g>
        );
      })}
    </svg>
  );
};

const Rest = ({ explain }: { explain: Explain }) => {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {explain.merges.length > 0 && (
        <section>
          <h3>{t('why.merges')}</h3>
          {explain.merges.map((m) => (
            <div key={m.absorbed} className="small">
              {format.dateTime(m.at)} · <span className="mono">{m.absorbed}</span> → <span className="mono">{m.kept}</span>
              <br />
              <span className="muted"><Said text={m.cause} wording={m.wording} own /></span>
            </div>
          ))}
        </section>
      )}
      {explain.refused.length > 0 && (
        <section>
          <h3>{t('why.refused')}</h3>
          {explain.refused.map((r, i) => (
            <div key={i} className="small">
              <div className="row wrap">
                <IdentifierTag {...r.a} /> <span className="down">⇹</span> <IdentifierTag {...r.b} />
              </div>
              <span className="muted">{format.dateTime(r.at)} · <Said text={r.reason} wording={r.wording} /></span>
            </div>
          ))}
        </section>
      )}
      {explain.slices.length > 0 && (
        <section>
          <h3>{t('why.slices')}</h3>
          {explain.slices.map((s, i) => (
            <div key={i} className="small row wrap">
              <IdentifierTag {...s.identifier} />
              <span className="muted">{format.dateTime(s.from_at)} → {s.to_at ? format.dateTime(s.to_at) : t('why.still')}</span>
            </div>
          ))}
        </section>
      )}
    </>
  );
};

export const WhyDrawer = ({ person, hide }: { person: Person; hide: () => void }) => {
  const { t } = useTranslation();
  const explain = useExplain(person.id);
  const [view, setView] = useState<'picture' | 'list'>('picture');
  return (
    <Drawer open onClose={hide} size={640} title={t('why.title')}>
      <Loaded query={explain} rows={10} empty={(data) => (data.edges.length === 0 ? <Empty title={t('why.alone')} text={t('why.alone_text')} /> : null)}>
        {(data) => (
          <div className="stack why">
            <p className="muted">{t('why.text')}</p>
            <Segmented value={view} onChange={setView} options={[{ value: 'picture', label: t('why.as_picture') }, { value: 'list', label: t('why.as_list') }]} style={{ alignSelf: 'flex-start' }} />
            {view === 'picture' ? <Picture edges={data.edges} /> : <EdgeList edges={data.edges} />}
            <Rest explain={data} />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
};
