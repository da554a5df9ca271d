/** A key that programs can use, from a name people gave; empty when nothing of the name can stand in one. */
export const keyFrom = (name: string): string => name.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '_').replace(/^[_0-9]+|_+$/g, '').slice(0, 60);
export const KEY = /^[a-z][a-z0-9_]*$/;
