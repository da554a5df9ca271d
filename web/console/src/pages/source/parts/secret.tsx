import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Code } from '@/parts/bits';

/** The secret of a webhook, which the server shows once. */
export const SecretOnce = ({ secret }: { secret: string }) => {
  const { t } = useTranslation();
  return (
    <div className="stack tight">
      <Alert type="warning" showIcon title={t('webhook.once')} />
      <Code text={secret} label={t('webhook.secret')} />
    </div>
  );
};
