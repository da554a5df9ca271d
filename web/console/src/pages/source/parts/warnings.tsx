import { useTranslation } from 'react-i18next';
import type { Source } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { Said } from '@/parts/said';
import { Loaded } from '@/parts/states';
import { useWarnings } from '../queries';

export const Warnings = ({ source }: { source: Source }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const warnings = useWarnings(source.id);
  return (
    <Panel title={t('source.warnings')} flush>
      <Loaded query={{ ...warnings, data: warnings.data?.items }} rows={4} empty={(rows) => (rows.length === 0 ? <p className="row muted" style={{ padding: '0 16px 16px' }}><i className="dot good" /> {t('source.no_warnings')}</p> : null)}>
        {(rows) => (
          <ul className="rows">
            {rows.map((row, i) => (
              <li key={i} className="row wrap" style={{ padding: '9px 16px', gap: '2px 10px' }}>
                <span className="chip warn">{label('warning', row.code)}</span>
                <span className="grow" style={{ flexBasis: 240, overflowWrap: 'anywhere' }}><Said text={row.detail} wording={row.wording} /></span>
                <span className="muted small num">{t('source.warning_times', { count: row.count, n: format.number(row.count) })} · <Ago at={row.at} /></span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
};
