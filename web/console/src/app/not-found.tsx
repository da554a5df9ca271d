import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { LineArt } from '@/parts/line';

export const NotFound = () => {
  const { t } = useTranslation();
  return (
    <div className="state">
      <LineArt shape="broken" />
      <strong>{t('state.not_found')}</strong>
      <p>{t('state.not_found_text')}</p>
      <Link to="/">{t('state.to_overview')}</Link>
    </div>
  );
};
