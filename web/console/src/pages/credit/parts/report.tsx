import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import { Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import type { CreditReport, CreditRow } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { useChannels } from '@/parts/channel';

/** The ledger line: what was divided equals what was earned. */
const Ledger = ({ report }: { report: CreditReport }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const credited = report.rows.reduce((sum, row) => sum + row.revenue_minor, 0);
  const even = credited + report.unattributed.revenue_minor === report.total.revenue_minor;
  return (
    <p className={`ledger ${even ? '' : 'odd'}`}>
      {even ? <CheckCircleFilled /> : <CloseCircleFilled />}
      <span>
        {t('credit.ledger', { credited: format.moneyExact(credited, report.currency), rest: format.moneyExact(report.unattributed.revenue_minor, report.currency), total: format.moneyExact(report.total.revenue_minor, report.currency) })}
      </span>
    </p>
  );
};

export const Totals = ({ report }: { report: CreditReport }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const cost = report.rows.reduce((sum, row) => sum + (row.cost_minor ?? 0), 0);
  const cells = [
    { name: t('credit.revenue'), value: format.money(report.total.revenue_minor, report.currency) },
    { name: t('credit.conversions'), value: format.number(report.total.conversions) },
    { name: t('credit.buyers'), value: format.number(report.total.buyers) },
    { name: t('credit.cost'), value: cost > 0 ? format.money(cost, report.currency) : '—' },
    { name: t('credit.unattributed'), value: format.percent(report.unattributed.share), side: format.money(report.unattributed.revenue_minor, report.currency) },
  ];
  return (
    <div className="card totals">
      <dl>
        {cells.map((cell) => (
          <div key={cell.name}>
            <dt>{cell.name}</dt>
            <dd>
              {cell.value} {cell.side && <span className="muted small">{cell.side}</span>}
            </dd>
          </div>
        ))}
      </dl>
      <Ledger report={report} />
    </div>
  );
};

export const ReportTable = ({ report, busy, open }: { report: CreditReport; busy: boolean; open: (row: CreditRow) => void }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const channels = useChannels();
  const max = Math.max(...report.rows.map((r) => r.revenue_minor), 1);
  const name = (row: CreditRow) => (report.by === 'channel' ? channels.name(row.channel) : row.label);
  const behind = (row: CreditRow, text: string) => (
    <button type="button" className="cell-btn" onClick={() => open(row)} aria-label={t('credit.people_behind', { what: `${name(row)} ${text}` })}>
      {text}
    </button>
  );
  const money = (minor: number | null | undefined) => (minor === null || minor === undefined ? <span className="muted">—</span> : format.money(minor, report.currency));
  const columns: TableColumnsType<CreditRow> = [
    {
      title: t(report.by === 'channel' ? 'credit.channel' : report.by === 'campaign' ? 'credit.campaign' : 'credit.touchpoint'),
      key: 'label',
      fixed: 'left',
      width: 160,
      render: (_, row) => (
        <span className="row" style={{ gap: 8 }}>
          <i className="swatch" style={{ background: channels.color(row.channel) }} />
          <span className="ellipsis" title={name(row)}>{name(row)}</span>
        </span>
      ),
    },
    {
      title: t('credit.credited'),
      key: 'revenue',
      width: 168,
      sorter: (a, b) => a.revenue_minor - b.revenue_minor,
      render: (_, row) => (
        <span className="revenue-cell">
          <span className="share"><i style={{ width: `${(Math.max(row.revenue_minor, 0) / max) * 100}%`, background: channels.color(row.channel) }} /></span>
          {behind(row, format.money(row.revenue_minor, report.currency))}
        </span>
      ),
    },
    { title: t('credit.share'), key: 'share', width: 62, align: 'end', render: (_, row) => format.percent(row.share) },
    { title: t('credit.conversions'), key: 'conversions', width: 128, align: 'end', sorter: (a, b) => a.conversions - b.conversions, render: (_, row) => behind(row, format.decimal(row.conversions)) },
    { title: t('credit.assisted'), key: 'assisted', width: 84, align: 'end', render: (_, row) => format.decimal(row.assisted_conversions) },
    { title: t('credit.touches'), key: 'touches', width: 98, align: 'end', sorter: (a, b) => a.touches - b.touches, render: (_, row) => format.number(row.touches) },
    { title: t('credit.cost'), key: 'cost', width: 84, align: 'end', render: (_, row) => money(row.cost_minor) },
    { title: t('credit.cac'), key: 'cac', width: 70, align: 'end', render: (_, row) => money(row.cac_minor) },
    { title: t('credit.roas'), key: 'roas', width: 84, align: 'end', sorter: (a, b) => (a.roas ?? 0) - (b.roas ?? 0), render: (_, row) => (row.roas === null || row.roas === undefined ? <span className="muted">—</span> : <span className={row.roas < 1 ? 'down' : ''}>{format.decimal(row.roas)}</span>) },
  ];
  return (
    <div style={{ opacity: busy ? 0.6 : 1 }} aria-busy={busy}>
      <Table
        size="small"
        rowKey="key"
        columns={columns}
        dataSource={report.rows}
        pagination={report.rows.length > 25 ? { pageSize: 25, showSizeChanger: false, size: 'small' } : false}
        scroll={{ x: 940 }}
        showSorterTooltip={false}
        summary={() => (
          <Table.Summary.Row>
            <Table.Summary.Cell index={0}><span className="muted">{t('credit.unattributed')}</span></Table.Summary.Cell>
            <Table.Summary.Cell index={1} align="end">{format.money(report.unattributed.revenue_minor, report.currency)}</Table.Summary.Cell>
            <Table.Summary.Cell index={2} align="end">{format.percent(report.unattributed.share)}</Table.Summary.Cell>
            <Table.Summary.Cell index={3} align="end">{format.decimal(report.unattributed.conversions)}</Table.Summary.Cell>
            <Table.Summary.Cell index={4} colSpan={5} />
          </Table.Summary.Row>
        )}
      />
    </div>
  );
};
