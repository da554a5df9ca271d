import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { useFormat } from '@/i18n/format';

/** Events per second at the top of every page; green while events are taken in, red when the server does not answer. */
export const Pulse = () => {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error } = $api.useQuery('get', '/api/status', {}, { refetchInterval: 5000 });
  const rate = data?.ingest.events_per_s_1m ?? 0;
  const state = error ? 'bad' : (data?.jobs.dead ?? 0) > 0 ? 'warn' : 'good';
  const text = error
    ? t('pulse.unreachable')
    : data
      ? t('pulse.detail', { p99: format.decimal(data.ingest.p99_ms), events: format.number(data.events), dead: format.number(data.jobs.dead) })
      : t('state.loading');
  return (
      <Link to="/live" className="tl-pulse only-wide" title={text}>
        <i className={`dot ${data || error ? state : ''}`} />
        <span className="num">{error ? t('pulse.unreachable') : t('pulse.rate', { rate: format.decimal(rate) })}</span>
      </Link>
  );
};
