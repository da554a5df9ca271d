export const CreditPage = () => null;
