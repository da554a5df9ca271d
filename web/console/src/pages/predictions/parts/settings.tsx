import { App, Button, Form, InputNumber } from 'antd';
import { useTranslation } from 'react-i18next';
import type { PredictionSettings } from '@/api/types';
import { useSession } from '@/app/session';
import { Panel } from '@/parts/page';
import { Loaded } from '@/parts/states';
import { usePredictionSettings, usePredictionSettingsPut } from '../queries';

const FIELDS = [
  { name: 'purchase_days', min: 1, max: 365, step: 1 },
  { name: 'lapse_days', min: 7, max: 730, step: 1 },
  { name: 'value_days', min: 30, max: 1825, step: 1 },
  { name: 'retrain_days', min: 0, max: 365, step: 1 },
  { name: 'margin', min: 0.01, max: 1, step: 0.05 },
  { name: 'yearly_discount', min: 0, max: 0.99, step: 0.05 },
] as const;

const SettingsForm = ({ value }: { value: PredictionSettings }) => {
  const { t } = useTranslation();
  const { can } = useSession();
  const { message } = App.useApp();
  const put = usePredictionSettingsPut();
  return (
    <Form layout="vertical" initialValues={value} disabled={!can('write')} requiredMark={false} onFinish={(body: PredictionSettings) => put.mutate({ body }, { onSuccess: () => void message.success(t('action.saved')) })}>
      <div className="grid cols-3" style={{ gap: '0 16px' }}>
        {FIELDS.map(({ name, ...limits }) => (
          <Form.Item key={name} name={name} label={t(`prediction_setting.${name}`)} extra={t(`prediction_setting_text.${name}`)} rules={[{ required: true }]}>
            <InputNumber {...limits} style={{ width: 140 }} />
          </Form.Item>
        ))}
      </div>
      <Button type="primary" htmlType="submit" loading={put.isPending}>{t('action.save')}</Button>
    </Form>
  );
};

export const Settings = () => {
  const { t } = useTranslation();
  const settings = usePredictionSettings();
  return (
    <Panel title={t('predictions.settings')}>
      <Loaded query={settings} rows={4}>{(value) => <SettingsForm key={JSON.stringify(value)} value={value} />}</Loaded>
    </Panel>
  );
};
