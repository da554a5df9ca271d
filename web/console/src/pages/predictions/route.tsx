import { useTranslation } from 'react-i18next';
import { PageHead } from '@/parts/page';
import { Loaded } from '@/parts/states';
import { KindCard } from './parts/kind-card';
import { Settings } from './parts/settings';
import { usePredictions } from './queries';
import './predictions.css';

export const PredictionsPage = () => {
  const { t } = useTranslation();
  const predictions = usePredictions();
  return (
    <>
      <PageHead title={t('nav.predictions')} text={t('predictions.text')} />
      <div className="stack">
        <Loaded query={predictions} rows={12}>
          {(list) => (
            <div className="grid cols-2">
              {list.map((prediction) => (
                <KindCard key={prediction.kind} prediction={prediction} />
              ))}
            </div>
          )}
        </Loaded>
        <Settings />
      </div>
    </>
  );
};
