import { RightOutlined } from '@ant-design/icons';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Overview } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';

/** What waits for a person, each with the place where it is settled. */
export const Attention = ({ rows }: { rows: Overview['attention'] }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const router = useRouter();
  const open = rows.filter((row) => row.count > 0);
  if (open.length === 0) {
    return (
      <p className="row muted" style={{ padding: '4px 16px 16px' }}>
        <i className="dot good" /> {t('overview.all_clear')}
      </p>
    );
  }
  return (
    <div className="rows">
      {open.map((row) => (
        <a
          key={row.code}
          href={row.link}
          className="list-btn"
          onClick={(event) => {
            event.preventDefault();
            router.history.push(row.link);
          }}
        >
          <i className="dot warn" />
          <span className="grow ellipsis">{label('attention', row.code)}</span>
          <strong className="num">{format.number(row.count)}</strong>
          <RightOutlined className="muted" style={{ fontSize: 11 }} />
        </a>
      ))}
    </div>
  );
};
