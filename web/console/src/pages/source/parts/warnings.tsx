import { useTranslation } from 'react-i18next';
import type { Source } from '@/api/types';
import { useLabel } from '@/i18n';
import { Ago, Json } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Loaded } from '@/parts/states';
import { useWarnings } from '../queries';

export const Warnings = ({ source }: { source: Source }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const warnings = useWarnings(source.id);
  return (
    <Panel title={t('source.warnings')} flush>
      <Loaded query={{ ...warnings, data: warnings.data?.items }} rows={4} empty={(rows) => (rows.length === 0 ? <p className="row muted" style={{ padding: '0 16px 16px' }}><i className="dot good" /> {t('source.no_warnings')}</p> : null)}>
        {(rows) => (
          <ul className="rows">
            {rows.map((row, i) => (
              <li key={i}>
                <details style={{ padding: '8px 16px' }}>
                  <summary style={{ cursor: 'pointer' }}>
                    <span className="chip warn">{label('warning', row.code)}</span> {row.detail} <span className="muted small"><Ago at={row.at} /></span>
                  </summary>
                  <div style={{ marginTop: 8 }}><Json value={row.sample} label={t('quarantine.raw')} /></div>
                </details>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
};
