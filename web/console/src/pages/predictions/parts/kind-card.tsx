import { HistoryOutlined, SyncOutlined } from '@ant-design/icons';
import { Alert, App, Button, Drawer, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Prediction, PredictionVersion } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Original } from '@/parts/said';
import { Loaded } from '@/parts/states';
import { stemOf, useFeatureName, useKindName } from '@/parts/prediction';
import { useTrain, useVersions } from '../queries';
import { Quality } from './quality';

const STATE_TONE: Record<string, string> = { live: 'good', refused: 'warn', retired: '' };

const headline = (v: PredictionVersion): string => (v.chance ? `AUC ${v.chance.auc.toFixed(3)}` : v.value ? `ρ ${v.value.value.rank_correlation.toFixed(3)}` : v.category ? `${Math.round(v.category.hit_3 * 100)} %` : '—');

const Versions = ({ kind, hide }: { kind: string; hide: () => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const versions = useVersions(kind);
  const name = useKindName();
  return (
    <Drawer open onClose={hide} size={760} title={`${name(kind)} · ${t('predictions.versions')}`}>
      <Loaded query={versions} rows={6}>
        {(list) => (
          <Table
            size="small"
            rowKey="version"
            pagination={false}
            dataSource={list}
            scroll={{ x: 560 }}
            expandable={{ expandedRowRender: (v) => (v.refused ? <Refusal version={v} /> : <Quality version={v} />) }}
            columns={[
              { title: t('predictions.version'), dataIndex: 'version', width: 84 },
              { title: t('predictions.state'), dataIndex: 'state', render: (s: string) => <span className={`chip ${STATE_TONE[s] ?? ''}`}>{label('prediction_state', s)}</span> },
              { title: t('predictions.trained'), dataIndex: 'trained_at', render: (at: string) => <Ago at={at} /> },
              { title: t('predictions.buyers'), dataIndex: 'buyers', align: 'end' as const, render: (n: number) => format.number(n) },
              { title: t('predictions.quality'), key: 'quality', align: 'end' as const, render: (_, v) => headline(v) },
            ]}
          />
        )}
      </Loaded>
    </Drawer>
  );
};

const Refusal = ({ version }: { version: PredictionVersion }) => {
  const { t, i18n } = useTranslation();
  const { refused } = version;
  if (!refused) return null;
  const key = `prediction_refused.${refused.code}`;
  return (
    <div>
      <Alert type="warning" showIcon title={i18n.exists(key) ? t(key as 'app.name') : t('predictions.refused')} />
      <Original text={refused.detail} />
    </div>
  );
};

const Drift = ({ version, alarm }: { version: PredictionVersion; alarm: string }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const feature = useFeatureName();
  const { scoring } = version;
  if (!scoring || scoring.drift === null) return null;
  const tone = alarm === 'stop' ? 'bad' : alarm === 'warn' ? 'warn' : 'good';
  const worst = scoring.features.slice(0, 3).map((f) => `${feature(f.feature)} ${f.index.toFixed(2)}`);
  return (
    <p className="small row wrap" style={{ gap: 8 }}>
      <span className={`chip ${tone}`}>{label('prediction_alarm', alarm)}</span>
      <span className="muted">{t('predictions.drift', { index: scoring.drift.toFixed(3) })}{worst.length > 0 ? ` · ${worst.join(' · ')}` : ''}</span>
    </p>
  );
};

export const KindCard = ({ prediction }: { prediction: Prediction }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const name = useKindName();
  const { can } = useSession();
  const { message } = App.useApp();
  const train = useTrain();
  const [open, setOpen] = useState(false);
  const { kind, live, refused, waits, alarm } = prediction;
  const tools = (
    <>
      <Button size="small" icon={<HistoryOutlined />} onClick={() => setOpen(true)}>{t('predictions.versions')}</Button>
      {can('write') && (
        <Button size="small" icon={<SyncOutlined />} loading={train.isPending} onClick={() => train.mutate({ params: { path: { kind } } }, { onSuccess: () => void message.success(t('predictions.training')) })}>
          {t('predictions.train')}
        </Button>
      )}
    </>
  );
  return (
    <Panel title={name(kind)} tools={tools}>
      <div className="stack">
        <p className="muted small">{label('prediction_text', stemOf(kind))}</p>
        {live && (
          <>
            <p className="small">
              {t('predictions.live', { version: live.version, at: format.ago(live.trained_at), buyers: format.number(live.buyers), days: format.number(live.history_days) })}
              {live.scoring && ` ${t('predictions.scored', { people: format.number(live.scoring.people), at: format.ago(live.scored_at) })}`}
            </p>
            <Quality version={live} />
            <Drift version={live} alarm={alarm} />
          </>
        )}
        {refused && <Refusal version={refused} />}
        {!live && !refused && (
          <div>
            <Alert type="info" showIcon title={t('predictions.waits')} />
            {waits && <Original text={waits} />}
          </div>
        )}
      </div>
      {open && <Versions kind={kind} hide={() => setOpen(false)} />}
    </Panel>
  );
};
