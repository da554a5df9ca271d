// The mapping as TOML text is the one truth. The table reads its `[columns]` and writes only that section back, so that
// comments and everything else in the text stay as they were typed.
import { parse } from 'smol-toml';

export type Columns = Record<string, string>;
export type Read = { columns: Columns | null; kind: unknown; error: string | null };

const isTable = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x) && !(x instanceof Date);

/** The column targets of a text; `columns` is null when the text has none that a table can show. */
export const columnsRead = (text: string): Read => {
  try {
    const { columns, kind } = parse(text);
    if (!isTable(columns) || Object.values(columns).some((v) => typeof v !== 'string')) return { columns: null, kind, error: null };
    return { columns: columns as Columns, kind, error: null };
  } catch (error) {
    return { columns: null, kind: null, error: error instanceof Error ? error.message : String(error) };
  }
};

/** The text with its `[columns]` section replaced. */
export const columnsWrite = (text: string, columns: Columns): string => {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.trim() === '[columns]');
  const body = Object.entries(columns).map(([name, target]) => `${JSON.stringify(name)} = ${JSON.stringify(target)}`);
  if (from < 0) return `${text.trimEnd()}\n\n[columns]\n${body.join('\n')}\n`;
  const rest = lines.findIndex((line, i) => i > from && /^\s*\[/.test(line));
  const after = rest < 0 ? [] : ['', ...lines.slice(rest)];
  return [...lines.slice(0, from + 1), ...body, ...after].join('\n').trimEnd() + '\n';
};
