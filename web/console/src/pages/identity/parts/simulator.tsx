import { Alert, Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Simulation } from '@/api/types';
import { useLabel } from '@/i18n';
import { json } from '@/parts/bits';
import { IdentifierTag } from '@/parts/identifier';
import { Panel } from '@/parts/page';
import { useJsonRead } from '@/parts/json';
import { Said } from '@/parts/said';
import { LineArt } from '@/parts/line';
import { ProblemNote } from '@/parts/problem';
import { useSimulator } from '../queries';

const EXAMPLE = [
  { type: 'page', anonymousId: 'a1', timestamp: '2026-03-01T09:00:00Z' },
  { type: 'identify', anonymousId: 'a1', userId: 'u1', traits: { phone: '13912345678' }, timestamp: '2026-03-01T09:02:00Z' },
  { type: 'identify', userId: 'u1', traits: { email: 'lan@example.cn' }, timestamp: '2026-03-02T10:00:00Z' },
  { type: 'identify', anonymousId: 'a1', userId: 'u2', timestamp: '2026-03-02T11:00:00Z' },
];

const Result = ({ data }: { data: Simulation }) => {
  const { t } = useTranslation();
  const label = useLabel();
  return (
    <div className="stack">
      <Panel title={t('simulator.people', { count: data.persons.length })}>
        <div className="stack tight">
          {data.persons.map((p, i) => (
            <div key={p.id} className="graph-person">
              <span className="muted small">{t('simulator.person', { n: i + 1 })}</span>
              <div className="row wrap" style={{ gap: '2px 16px' }}>{p.identifiers.map((x) => <IdentifierTag key={x.namespace + x.value} {...x} />)}</div>
            </div>
          ))}
        </div>
      </Panel>
      <Panel title={t('simulator.decisions')} flush>
        <ol className="rows">
          {data.decisions.map((d) => (
            <li key={d.event} className="row wrap small" style={{ padding: '8px 16px' }}>
              <span className="muted num">{t('simulator.event', { n: d.event + 1 })}</span>
              <span className="chip info">{label('id_reason', d.reason)}</span>
              {d.line.namespace !== '' && <IdentifierTag {...d.line} />}
              {d.merges.length > 0 && <span className="chip violet">{t('simulator.merged', { count: d.merges.length })}</span>}
              {d.dropped.map((text, i) => <span key={i} className="chip warn">{t('simulator.dropped')} <Said text={text} wording={d.dropped_wording[i]} /></span>)}
            </li>
          ))}
        </ol>
      </Panel>
    </div>
  );
};

export const Simulator = () => {
  const { t } = useTranslation();
  const simulate = useSimulator();
  const jsonRead = useJsonRead();
  const [text, setText] = useState(() => json(EXAMPLE));
  const [wrong, setWrong] = useState<string | null>(null);
  const run = () => {
    const read = jsonRead(text, (x) => Array.isArray(x), t('simulator.not_list'));
    setWrong(read.wrong);
    if (read.value) simulate.mutate({ body: { events: read.value as Record<string, never>[] } });
  };
  return (
    <div className="grid cols-2" style={{ alignItems: 'start' }}>
      <Panel title={t('simulator.events')} tools={<Button size="small" type="primary" onClick={run} loading={simulate.isPending}>{t('simulator.run')}</Button>}>
        <p className="muted small" style={{ marginBottom: 8 }}>{t('simulator.text')}</p>
        <Input.TextArea className="mono" spellCheck={false} autoSize={{ minRows: 18, maxRows: 34 }} value={text} onChange={(e) => setText(e.target.value)} aria-label={t('simulator.events')} status={wrong ? 'error' : undefined} />
        {wrong ? <Alert type="error" showIcon title={wrong} style={{ marginTop: 8 }} /> : simulate.error && <ProblemNote error={simulate.error} style={{ marginTop: 8 }} />}
      </Panel>
      {simulate.data ? <Result data={simulate.data} /> : <section className="card state"><LineArt /><p>{t('simulator.waiting')}</p></section>}
    </div>
  );
};
