import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { LineArt } from '@/parts/line';

export const NotFound = () => {
  const { t } = useTranslation();
  return (
    <main className="state">
      <LineArt shape="broken" />
      <h1>{t('state.not_found')}</h1>
      <p>{t('state.not_found_text')}</p>
      <Link to="/">{t('state.to_overview')}</Link>
    </main>
  );
};
