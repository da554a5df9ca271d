import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** The head of a page; names the document too. */
export const PageHead = ({ title, text, actions, before }: { title: string; text?: ReactNode; actions?: ReactNode; before?: ReactNode }) => {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
  return (
    <div className="tl-head">
      {before}
      <div className="grow" style={{ flexBasis: 280 }}>
        <h1>{title}</h1>
        {text && <p>{text}</p>}
      </div>
      {actions && <div className="actions">{actions}</div>}
    </div>
  );
};

export const Panel = ({ title, tools, children, flush, className }: { title?: ReactNode; tools?: ReactNode; children: ReactNode; flush?: boolean; className?: string }) => (
  <section className={`card ${className ?? ''}`}>
    {(title ?? tools) && (
      <header>
        {title && <h2>{title}</h2>}
        {tools && <div className="push">{tools}</div>}
      </header>
    )}
    <div className={flush ? 'flush' : 'body'}>{children}</div>
  </section>
);

/** A label with its control, for toolbars and drawers that are no antd form. */
export const Field = ({ label, hint, id, children }: { label: string; hint?: ReactNode; id?: string; children: ReactNode }) => (
  <div className="field">
    {id ? <label htmlFor={id}>{label}</label> : <span className="label">{label}</span>}
    {children}
    {hint && <span className="hint">{hint}</span>}
  </div>
);
