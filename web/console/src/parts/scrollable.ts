/** Ref of a table that may be wider than the page and holds no control: its box can be scrolled by keyboard. */
export const scrollable = (table: { nativeElement: HTMLElement } | null): void => {
  table?.nativeElement.querySelector('.ant-table-content')?.setAttribute('tabindex', '0');
};
