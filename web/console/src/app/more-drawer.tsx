import { Drawer } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

const MoreDrawer = ({ hide, children }: { hide: () => void; children: ReactNode }) => {
  const { t } = useTranslation();
  return (
    <Drawer open onClose={hide} placement="bottom" size={330} title={t('nav.more')} styles={{ body: { padding: 12, background: 'var(--ink)' } }}>
      <div className="tl-thread">{children}</div>
    </Drawer>
  );
};

export default MoreDrawer;
