// What is predicted of the person, and what each chance is made of.
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import type { Person, PersonPrediction } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { Panel } from '@/parts/page';
import { Loaded } from '@/parts/states';
import { stemOf, useFeatureName, useKindName } from '@/parts/prediction';
import '@/pages/predictions/predictions.css';

type Part = { feature: string; log_odds: number };
const SHOWN = 5;

/** The parts of a chance; other predictions are made of something else. */
const partsOf = (p: PersonPrediction): Part[] => {
  const list: unknown = p.contributions;
  if (!Array.isArray(list)) return [];
  return (list as Part[]).filter((part) => typeof part.feature === 'string' && typeof part.log_odds === 'number').slice(0, SHOWN);
};

const Parts = ({ parts }: { parts: Part[] }) => {
  const feature = useFeatureName();
  const most = Math.max(...parts.map((p) => Math.abs(p.log_odds)), 0.01);
  return (
    <ul className="prediction-parts">
      {parts.map((p) => {
        const width = (Math.abs(p.log_odds) / most) * 50;
        return (
          <li key={p.feature}>
            <span className="ellipsis">{feature(p.feature)}</span>
            <span className="prediction-bar" aria-hidden="true"><i className={p.log_odds < 0 ? 'less' : ''} style={{ width: `${width}%`, insetInlineStart: p.log_odds < 0 ? `${50 - width}%` : '50%' }} /></span>
            <span className="num muted" style={{ textAlign: 'end' }}>{p.log_odds > 0 ? '+' : ''}{p.log_odds.toFixed(2)}</span>
          </li>
        );
      })}
    </ul>
  );
};

const One = ({ prediction, currency }: { prediction: PersonPrediction; currency: string }) => {
  const format = useFormat();
  const { t } = useTranslation();
  const name = useKindName();
  const parts = partsOf(prediction);
  const stem = stemOf(prediction.kind);
  const value = prediction.label ?? (stem === 'clv' ? format.money(prediction.value, currency) : format.percent(prediction.value));
  const line = (
    <span className="row between grow">
      <span className="ellipsis">{name(prediction.kind)}</span>
      <strong className="num nowrap">{value}</strong>
    </span>
  );
  if (parts.length === 0) return <li className="row">{line}</li>;
  return (
    <li>
      <details>
        <summary aria-label={`${name(prediction.kind)}: ${value}`}><span style={{ display: 'inline-flex', width: 'calc(100% - 18px)' }}>{line}</span></summary>
        <p className="muted small" style={{ margin: '4px 0 6px' }}>{t('predictions.made_of')}</p>
        <Parts parts={parts} />
      </details>
    </li>
  );
};

export const Predictions = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const predictions = $api.useQuery('get', '/api/people/{id}/predictions', { params: { path: { id: person.id } } });
  return (
    <Panel title={t('nav.predictions')}>
      <Loaded query={predictions} rows={3} empty={(list) => (list.length === 0 ? <p className="muted small">{t('predictions.none_person')}</p> : null)}>
        {(list) => (
          <ul className="stack tight">
            {list.map((p) => (
              <One key={p.kind} prediction={p} currency={person.totals.currency ?? 'CNY'} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
};
