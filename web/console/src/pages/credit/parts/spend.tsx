import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button, Form, Input, InputNumber, Modal, Popconfirm, Select, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { useFormat } from '@/i18n/format';
import { items, More } from '@/parts/bits';
import { ChannelName, useChannels } from '@/parts/channel';
import { Panel } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { useSpend, useSpendAdd, useSpendDelete } from '../queries';

type Draft = { date: string; channel: string; campaign?: string; impressions?: number; clicks?: number; cost: number; currency: string };

const Add = ({ hide }: { hide: () => void }) => {
  const { t } = useTranslation();
  const channels = useChannels();
  const [form] = Form.useForm<Draft>();
  const add = useSpendAdd();
  const save = async () => {
    const { cost, ...draft } = await form.validateFields();
    const digits = new Intl.NumberFormat('en', { style: 'currency', currency: draft.currency }).resolvedOptions().maximumFractionDigits ?? 2;
    await add.mutateAsync({ body: { ...draft, campaign: draft.campaign ?? '', impressions: draft.impressions ?? 0, clicks: draft.clicks ?? 0, cost_minor: Math.round(cost * 10 ** digits) } });
    hide();
  };
  return (
    <Modal open onCancel={hide} title={t('spend.add')} okText={t('action.save')} confirmLoading={add.isPending} onOk={() => void save().catch(() => undefined)}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ currency: 'CNY' }}>
        <div className="grid cols-2" style={{ columnGap: 16, rowGap: 0 }}>
          <Form.Item name="date" label={t('spend.date')} rules={[{ required: true }]}><Input type="date" /></Form.Item>
          <Form.Item name="channel" label={t('credit.channel')} rules={[{ required: true }]}><Select options={channels.options} showSearch={{ optionFilterProp: 'label' }} /></Form.Item>
          <Form.Item name="campaign" label={t('credit.campaign')}><Input /></Form.Item>
          <Form.Item name="cost" label={t('credit.cost')} rules={[{ required: true }]}><InputNumber min={0} style={{ width: '100%' }} /></Form.Item>
          <Form.Item name="impressions" label={t('spend.impressions')}><InputNumber min={0} precision={0} style={{ width: '100%' }} /></Form.Item>
          <Form.Item name="clicks" label={t('spend.clicks')}><InputNumber min={0} precision={0} style={{ width: '100%' }} /></Form.Item>
          <Form.Item name="currency" label={t('conversion.currency')} rules={[{ required: true, len: 3 }]}><Input /></Form.Item>
        </div>
      </Form>
    </Modal>
  );
};

export const Spend = () => {
  const { t } = useTranslation();
  const format = useFormat();
  const channels = useChannels();
  const { can } = useSession();
  const [channel, setChannel] = useState<string>();
  const [adding, setAdding] = useState(false);
  const spend = useSpend(channel);
  const remove = useSpendDelete();
  return (
    <Panel
      flush
      title={t('spend.title')}
      tools={
        <>
          <Select size="small" allowClear placeholder={t('credit.channel')} aria-label={t('credit.channel')} value={channel} options={channels.options} onChange={(v?: string) => setChannel(v)} style={{ width: 140 }} popupMatchSelectWidth={false} />
          {can('write') && <Button size="small" icon={<PlusOutlined />} onClick={() => setAdding(true)}>{t('spend.add')}</Button>}
        </>
      }
    >
      <p className="muted small" style={{ padding: '0 16px 10px' }}>
        {t('spend.text')} <Link to="/imports">{t('spend.import')}</Link>
      </p>
      <Loaded query={{ ...spend, data: items(spend.data) }} rows={8} empty={(rows) => (rows.length === 0 ? <Empty title={t('spend.none')} text={t('spend.none_text')} /> : null)}>
        {(rows) => (
          <Table
            size="small"
            rowKey={(row) => row.id ?? `${row.date}${row.channel}${row.campaign}`}
            pagination={false}
            dataSource={rows}
            scroll={{ x: 760 }}
            columns={[
              { title: t('spend.date'), dataIndex: 'date', width: 120, render: (v: string) => format.date(v) },
              { title: t('credit.channel'), key: 'channel', render: (_, row) => <ChannelName channel={row.channel} channels={channels} /> },
              { title: t('credit.campaign'), dataIndex: 'campaign' },
              { title: t('spend.impressions'), dataIndex: 'impressions', align: 'end', render: (v: number) => format.number(v) },
              { title: t('spend.clicks'), dataIndex: 'clicks', align: 'end', render: (v: number) => format.number(v) },
              { title: t('credit.cost'), key: 'cost', align: 'end', render: (_, row) => format.moneyExact(row.cost_minor, row.currency) },
              {
                title: <span className="sr">{t('action.actions')}</span>,
                key: 'do',
                width: 48,
                render: (_, { date, channel: of, campaign }) =>
                  can('write') && (
                    <Popconfirm title={t('spend.remove_ask')} onConfirm={() => remove.mutate({ params: { query: { date, channel: of, campaign } } })}>
                      <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('action.remove')} />
                    </Popconfirm>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
      <More query={spend} />
      {adding && <Add hide={() => setAdding(false)} />}
    </Panel>
  );
};
