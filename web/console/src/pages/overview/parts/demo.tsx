import { useTranslation } from 'react-i18next';
import type { Status } from '@/api/types';
import { useFormat } from '@/i18n/format';

/** Shown while the demo brand is being loaded; every page can be used meanwhile. */
export const DemoProgress = ({ demo }: { demo: Status['demo'] | undefined }) => {
  const { t } = useTranslation();
  const format = useFormat();
  if (demo?.state !== 'loading') return null;
  const share = demo.total > 0 ? demo.done / demo.total : 0;
  return (
    <section className="card" style={{ padding: '12px 16px', marginBottom: 16 }} aria-live="polite">
      <div className="row between" style={{ marginBottom: 8 }}>
        <span>{t('overview.demo_loading')}</span>
        <span className="num muted">
          {format.number(demo.done)} / {format.number(demo.total)} · {format.percent(share)}
        </span>
      </div>
      <div className="bar" role="progressbar" aria-valuenow={Math.round(share * 100)} aria-valuemin={0} aria-valuemax={100} aria-label={t('overview.demo_loading')}>
        <i style={{ width: `${share * 100}%` }} />
      </div>
    </section>
  );
};
