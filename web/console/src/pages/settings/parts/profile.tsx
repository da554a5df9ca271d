import { App, Button, Form, Input, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { sessionPut, useSession } from '@/app/session';
import { LANGUAGE_NAMES, languageSet, useLanguage, type Language } from '@/i18n';
import { Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { useMePatch } from '../queries';

const Password = () => {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const patch = useMePatch();
  const [form] = Form.useForm<{ current: string; next: string }>();
  const save = ({ current, next }: { current: string; next: string }) =>
    patch.mutate({ body: { password: { current, new: next } } }, { onSuccess: () => { void message.success(t('action.saved')); form.resetFields(); } });
  return (
    <Panel title={t('profile.password')}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={save}>
        <Form.Item name="current" label={t('profile.current')} rules={[{ required: true }]}><Input.Password autoComplete="current-password" /></Form.Item>
        <Form.Item name="next" label={t('profile.next')} extra={t('user.password_hint')} rules={[{ required: true, min: 10 }]}><Input.Password autoComplete="new-password" /></Form.Item>
        {patch.error && <ProblemNote error={patch.error} style={{ marginBottom: 12 }} />}
        <Button htmlType="submit" loading={patch.isPending}>{t('profile.change')}</Button>
      </Form>
    </Panel>
  );
};

export const Profile = () => {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { session } = useSession();
  const { language } = useLanguage();
  const patch = useMePatch();
  if (!session) return null;
  const keep = async (body: { name?: string; locale?: Language }) => {
    const user = await patch.mutateAsync({ body });
    sessionPut({ ...session, user });
    if (body.locale) await languageSet(body.locale);
    void message.success(t('action.saved'));
  };
  return (
    <div className="grid cols-2" style={{ alignItems: 'start' }}>
      <Panel title={t('user.profile')}>
        <Form layout="vertical" requiredMark={false} initialValues={{ name: session.user.name, email: session.user.email }} onFinish={({ name }: { name: string }) => void keep({ name }).catch(() => undefined)}>
          <Form.Item name="name" label={t('user.name')} rules={[{ required: true }]}><Input autoComplete="name" /></Form.Item>
          <Form.Item name="email" label={t('user.email')}><Input disabled /></Form.Item>
          <Form.Item label={t('app.language')}><Segmented value={language} options={LANGUAGE_NAMES} onChange={(locale) => void keep({ locale }).catch(() => undefined)} /></Form.Item>
          <Button type="primary" htmlType="submit" loading={patch.isPending}>{t('action.save')}</Button>
        </Form>
      </Panel>
      <Password />
    </div>
  );
};
