import { useNavigate, useSearch } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/format';
import { PageHead, Panel } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { Attention } from './parts/attention';
import { TopChannels } from './parts/channels';
import { DemoProgress } from './parts/demo';
import { Intake } from './parts/intake';
import { Kpis } from './parts/kpis';
import { Touchpoints } from './parts/touchpoints';
import { useOverview, useStatus } from './queries';
import './overview.css';

const DAYS = [7, 30, 90];

export const OverviewPage = () => {
  const { t } = useTranslation();
  const format = useFormat();
  const { days: asked } = useSearch({ from: '/shell/' });
  const days = DAYS.includes(Number(asked)) ? Number(asked) : 30;
  const navigate = useNavigate({ from: '/' });
  const overview = useOverview(days);
  const status = useStatus();
  const merged = overview.data ? t('overview.text', { merged: format.number(overview.data.merged_people) }) : '\u00a0';
  const choice = (
    <Segmented value={days} aria-label={t('overview.period')} options={DAYS.map((n) => ({ value: n, label: t('overview.days', { count: n }) }))} onChange={(n) => void navigate({ search: { days: String(n) }, replace: true })} />
  );
  return (
    <>
      <PageHead title={t('nav.overview')} text={merged} actions={choice} />
      <DemoProgress demo={status.data?.demo} />
      <div className="stack">
        <Kpis data={overview.data} from={overview.data?.events_per_day[0]?.day} />
        <div className="grid wide-left">
          <div className="stack">
            <Panel title={t('overview.events_per_day')}>
              <div style={{ minHeight: 216 }}>
                <Loaded query={overview} rows={5}>{(data) => <Intake rows={data.events_per_day} />}</Loaded>
              </div>
            </Panel>
            <Panel title={t('overview.touchpoints')}>
              <div style={{ minHeight: 330 }}>
                <Loaded query={overview} rows={10} empty={(data) => (data.touchpoints.length === 0 ? <Empty title={t('overview.no_touchpoints')} text={t('people.none_text')} /> : null)}>
                  {(data) => <Touchpoints rows={data.touchpoints} />}
                </Loaded>
              </div>
            </Panel>
          </div>
          <div className="stack">
            <Panel title={t('overview.attention')} flush>
              <div style={{ minHeight: 172 }}>
                <Loaded query={overview} rows={4}>{(data) => <Attention rows={data.attention} />}</Loaded>
              </div>
            </Panel>
            <Panel title={t('overview.top_channels')}>
              <div style={{ minHeight: 330 }}>
                <Loaded query={overview} rows={7}>{(data) => <TopChannels data={data} />}</Loaded>
              </div>
            </Panel>
          </div>
        </div>
      </div>
    </>
  );
};
