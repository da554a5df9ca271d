// Versions of an audience: what would change, and putting it in force.
import { Link } from '@tanstack/react-router';
import { Alert, App, Button, Checkbox, Progress } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudienceDetail, AudienceVersion } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Original } from '@/parts/said';
import { Loaded } from '@/parts/states';
import { useAudienceApply, useAudienceStop, useComparison } from '../queries';

const TONE: Record<string, string> = { live: 'good', ready: 'warn', building: 'info', failed: 'bad', retired: '', stopped: '' };

const Some = ({ title, people, count }: { title: string; people: { id: string; display_name: string }[]; count: number }) => {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div>
      <p className="small muted">{title}</p>
      <p style={{ fontSize: 20, fontWeight: 620 }} className="num">{format.number(count)}</p>
      <ul className="small">
        {people.slice(0, 5).map((p) => (
          <li key={p.id} className="ellipsis"><Link to="/people/$id" params={{ id: p.id }}>{p.display_name || t('person.unnamed')}</Link></li>
        ))}
      </ul>
    </div>
  );
};

const Difference = ({ audience, version }: { audience: AudienceDetail; version: AudienceVersion }) => {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { can } = useSession();
  const diff = useComparison(audience.key, version.number);
  const apply = useAudienceApply();
  const [announce, setAnnounce] = useState(false);
  const go = () => apply.mutate({ params: { path: { key: audience.key, number: version.number } }, body: { announce } }, { onSuccess: () => void message.success(t('audience.applied', { n: version.number })) });
  return (
    <Panel title={t('audience.difference', { n: version.number })}>
      <Loaded query={diff} rows={4}>
        {(d) => (
          <div className="stack">
            <div className="grid cols-3">
              <Some title={t('audience.entering')} people={d.entering_sample} count={d.entering} />
              <Some title={t('audience.leaving')} people={d.leaving_sample} count={d.leaving} />
              <Some title={t('audience.staying')} people={[]} count={d.staying} />
            </div>
            {can('write') && (
              <div className="row wrap">
                <Button type="primary" loading={apply.isPending} onClick={go}>{t('audience.apply')}</Button>
                <Checkbox checked={announce} onChange={(e) => setAnnounce(e.target.checked)}>{t('audience.announce')}</Checkbox>
              </div>
            )}
          </div>
        )}
      </Loaded>
    </Panel>
  );
};

const Building = ({ audience, version }: { audience: AudienceDetail; version: AudienceVersion }) => {
  const { t } = useTranslation();
  const { can } = useSession();
  const stop = useAudienceStop();
  const { build } = audience;
  const share = build && build.total > 0 ? Math.min(100, Math.round((build.done / build.total) * 100)) : 0;
  return (
    <Panel title={t('audience.build', { n: version.number })} tools={can('write') && <Button size="small" danger loading={stop.isPending} onClick={() => stop.mutate({ params: { path: { key: audience.key, number: version.number } } })}>{t('audience.stop')}</Button>}>
      <Progress percent={share} status="active" aria-label={t('audience.build', { n: version.number })} />
      <p className="muted small">{t('audience.build_text')}</p>
    </Panel>
  );
};

export const Versions = ({ audience }: { audience: AudienceDetail }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const next = audience.next ?? null;
  return (
    <div className="stack">
      {next?.state === 'failed' && <Alert type="error" showIcon title={t('audience.build_failed', { n: next.number })} description={<Original text={next.error ?? ''} />} />}
      {next?.state === 'building' && <Building audience={audience} version={next} />}
      {next?.state === 'ready' && audience.live && <Difference audience={audience} version={next} />}
      <Panel title={t('audience.versions')} flush>
        <ul className="rows">
          {audience.versions.map((v) => (
            <li key={v.number} style={{ padding: '10px 16px' }} className="stack tight">
              <div className="row wrap">
                <strong>{t('audience.version', { n: v.number })}</strong>
                <span className={`chip ${TONE[v.state] ?? ''}`}>{label('version_state', v.state)}</span>
                <span className="muted small push">{v.actor} · <Ago at={v.created_at} /> · {t('audience.n_people', { n: format.number(v.size) })}</span>
              </div>
              {v.note && <p className="small">{v.note}</p>}
              <pre className="pre soft rule-text" tabIndex={0} aria-label={t('audience.version', { n: v.number })}>{v.text}</pre>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
};
