import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { CopyButton } from '@/parts/bits';
import { Chart } from '@/parts/chart';
import { PALETTE } from '@/parts/channel';
import { Panel } from '@/parts/page';
import { Loaded } from '@/parts/states';
import { useLake, useLakeVerb } from '../queries';

const VERBS = ['seal', 'compact', 'verify'] as const;

export const Lake = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const { message } = App.useApp();
  const { can } = useSession();
  const lake = useLake();
  const act = useLakeVerb();
  const go = (verb: (typeof VERBS)[number]) => act.mutate(verb, { onSuccess: (job) => void message.success(t('lake.job', { job: job?.job_id ?? '' })) });
  return (
    <Loaded query={lake} rows={10}>
      {(data) => {
        const figures = [
          [t('lake.sealed'), format.number(data.rows)],
          [t('lake.hot'), format.number(data.hot_events)],
          [t('lake.files'), format.number(data.files)],
          [t('lake.bytes'), format.bytes(data.bytes)],
        ] as const;
        const option = {
          grid: { left: 8, right: 8, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
          tooltip: { trigger: 'axis', valueFormatter: (v: number) => format.number(v) },
          xAxis: { type: 'category', data: data.months.map((m) => m.month) },
          yAxis: { type: 'value', splitNumber: 3, axisLabel: { formatter: (v: number) => format.short(v) } },
          series: [{ type: 'bar', name: t('source.events'), data: data.months.map((m) => m.rows), itemStyle: { color: PALETTE[0], borderRadius: [2, 2, 0, 0] }, barMaxWidth: 26 }],
        };
        return (
          <div className="stack">
            <Panel title={t('section.lake')} tools={can('admin') && VERBS.map((verb) => <Button key={verb} size="small" onClick={() => go(verb)} loading={act.isPending && act.variables === verb}>{label('lake_verb', verb)}</Button>)}>
              <div className="stack">
                <p className="muted small">{t('lake.text')}</p>
                <div className="row"><span className="mono ellipsis">{data.url}</span><CopyButton text={data.url} /></div>
                <dl className="grid cols-4">
                  {figures.map(([name, value]) => (
                    <div key={name}>
                      <dt className="muted small">{name}</dt>
                      <dd className="num" style={{ fontSize: 18, fontWeight: 600 }}>{value}</dd>
                    </div>
                  ))}
                </dl>
                <p className="small muted">{t('lake.when', { last: format.ago(data.last_seal_at), next: format.ago(data.next_seal_at), overrides: format.number(data.overrides) })}</p>
              </div>
            </Panel>
            <Panel title={t('lake.months')}><Chart option={option} height={240} label={t('lake.months')} /></Panel>
          </div>
        );
      }}
    </Loaded>
  );
};
