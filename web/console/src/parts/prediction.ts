// A kind is a stem and a horizon in days: `purchase_30d`, `clv_365d`; `next_category` has none.
import { useTranslation } from 'react-i18next';
import { useLabel } from '@/i18n';

export const stemOf = (kind: string): string => kind.replace(/_\d+d$/, '');
export const daysOf = (kind: string): number => Number(/_(\d+)d$/.exec(kind)?.[1] ?? 0);

/** The name of a kind with its horizon. */
export const useKindName = (): ((kind: string) => string) => {
  const { t } = useTranslation();
  const label = useLabel();
  return (kind) => {
    const name = label('prediction', stemOf(kind));
    return daysOf(kind) > 0 ? t('predictions.within', { name, days: daysOf(kind) }) : name;
  };
};

/** The name of what a chance is made of; `channel:sms` is the share of that channel. */
export const useFeatureName = (): ((feature: string) => string) => {
  const { t } = useTranslation();
  const label = useLabel();
  return (feature) => {
    const [family = '', of] = feature.split(/:(.*)/s);
    if (of === undefined) return label('prediction_feature', feature);
    return t('predictions.share_of', { what: label('prediction_share', family), of: family === 'category' ? of : label(family === 'source' ? 'kind' : family, of) });
  };
};
